import { pbkdf2Sync } from 'node:crypto';
import { BugError } from '../../core/errors.ts';
import { asQuoted, type Quoted } from './quoted.ts';

/** An SSID is 1 to 32 bytes (IEEE 802.11-2016 §9.4.2.2). Why `ssid` isn't one, or undefined. */
export function validateSsid(ssid: string): string | undefined {
  const length = Buffer.byteLength(ssid);
  return length >= 1 && length <= 32 ? undefined : `is ${length} bytes long, not 1 to 32`;
}

/** A passphrase is 8 to 63 printable ASCII characters (IEEE 802.11-2016 §J.4.1). Why not, or undefined. */
export function validatePassphrase(passphrase: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(passphrase)) return 'holds a control or non-ASCII character';
  if (passphrase.length < 8 || passphrase.length > 63) {
    return `is ${passphrase.length} characters long, not 8 to 63`;
  }
  return undefined;
}

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
