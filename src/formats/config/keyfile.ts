import { isIPv4 } from 'node:net';
import { BugError } from '../../core/errors.ts';
import type { ApnAuth } from './apn-auth.ts';
import { asQuoted, type Quoted } from './quoted.ts';
import { quotePsk } from './wpa-supplicant.ts';

/**
 * The value of a key in a key file of GLib (glib/gkeyfile.c, g_key_file_parse_value_as_string, and
 * https://specifications.freedesktop.org/desktop-entry-spec): it ends with the line, blanks before it are skipped, and
 * `\s`, `\n`, `\t`, `\r` and `\\` stand for characters. `#`, `;` and `=` in it are plain text; only a key that is a list
 * splits at `;`. NetworkManager reads text by it (nm-settings-keyfile(5)).
 * @throws BugError on a control character; the recipe has rejected it before
 */
export function quoteKeyfile(value: string): Quoted {
  if (/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(value))
    throw new BugError('a value for a key file holds a control character');
  const escaped = value.replaceAll('\\', '\\\\');
  const blanks = (text: string) => '\\s'.repeat(text.length);
  return asQuoted(escaped.replace(/^ +/, blanks).replace(/ +$/, blanks));
}

/**
 * The name of a Wi-Fi network: its bytes as numbers, unless it is plain text. NetworkManager takes text of digits and
 * semicolons for such a list (libnm-core-impl/nm-keyfile.c, get_bytes).
 */
export function quoteKeyfileSsid(ssid: string): Quoted {
  if (/^[A-Za-z]([A-Za-z0-9 ._@+()-]*[A-Za-z0-9._@+()-])?$/.test(ssid)) return asQuoted(ssid);
  return asQuoted([...Buffer.from(ssid, 'utf8')].map((byte) => `${byte};`).join(''));
}

/**
 * The section with the key of `derivePsk`, as lines after another line; nothing for an open network. The line of the key is
 * as wpa_supplicant has it.
 */
export function formatWifiSecurity(psk: string | undefined): Quoted {
  if (psk === undefined) return asQuoted('');
  return asQuoted(`\n\n[wifi-security]\nkey-mgmt=wpa-psk\n${quotePsk(psk)}`);
}

/** User name and password of an APN, as lines after another line. */
export function formatGsmCredentials(user: string, password: string): Quoted {
  const secret = password === '' ? '' : `\npassword=${quoteKeyfile(password)}`;
  return asQuoted(`\nusername=${quoteKeyfile(user)}${secret}`);
}

/**
 * The method of authentication, as lines after another line. NetworkManager tells ModemManager which methods are left
 * (src/core/devices/wwan/nm-modem-broadband.c, create_gsm_connect_properties). QMI has no MSCHAPv2: the modem then decides.
 */
export function formatAuthMethod(auth: ApnAuth): Quoted {
  if (auth === 'none' || auth === 'mschapv2') return asQuoted('');
  const refused = ['eap', 'pap', 'chap', 'mschap', 'mschapv2'].filter((method) => method !== auth);
  return asQuoted(
    ['\n\n[ppp]', 'noauth=false', ...refused.map((method) => `refuse-${method}=true`)].join('\n'),
  );
}

/**
 * Name servers for the section ipv4, as lines after another line. They come before those that the network gives. A dead
 * server costs a lookup 2 s, not 5 s.
 * @param servers IPv4 addresses
 */
export function formatServers(servers: readonly string[]): Quoted {
  if (servers.length === 0) return asQuoted('');
  if (!servers.every(isIPv4)) throw new BugError('a name server for the section ipv4 is not an IPv4 address');
  const list = servers.map((server) => `${server};`).join('');
  return asQuoted(`\ndns=${list}\ndns-options=timeout:2;attempts:3;`);
}
