import { pbkdf2Sync } from 'node:crypto';
import { BugError } from '../../core/errors.ts';
import { asQuoted, type Quoted } from './quoted.ts';

/** The value of `ssid=`: in double quotes if it is plain text, else as unquoted hex, which allows any bytes. */
export function quoteSsid(ssid: string): Quoted {
  return asQuoted(
    /^[A-Za-z0-9 ._@+()-]+$/.test(ssid) ? `"${ssid}"` : Buffer.from(ssid, 'utf8').toString('hex'),
  );
}

/** The 256-bit key of WPA-PSK as 64 hex digits: PBKDF2-SHA1 over the SSID, 4096 rounds (as wpa_passphrase). */
export function derivePsk(passphrase: string, ssid: string): string {
  return pbkdf2Sync(passphrase, ssid, 4096, 32, 'sha1').toString('hex');
}

/** The line for the key of `derivePsk`, or for an open network. */
export function quotePsk(psk: string | undefined): Quoted {
  if (psk === undefined) return asQuoted('key_mgmt=NONE');
  if (!/^[0-9a-f]{64}$/.test(psk)) throw new BugError('a Wi-Fi key is not 64 hex digits');
  return asQuoted(`psk=${psk}`);
}

/** ISO 3166-1 alpha-2, two capital letters. */
export function quoteCountry(country: string): Quoted {
  if (!/^[A-Z]{2}$/.test(country)) throw new BugError('a country is not two capital letters');
  return asQuoted(country);
}
