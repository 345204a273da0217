import { ASCII_RULE, findFaults, type Rule, TEXT_RULES } from './rule.ts';

/** What refuses a Wi-Fi network's name: its length in bytes (IEEE 802.11-2016 §9.4.2.2), and what no line can hold. */
export const SSID_RULES: readonly Rule[] = [
  ...TEXT_RULES,
  { pattern: '^$', refuses: true, fault: 'is empty' },
  { pattern: '^.{33}', refuses: true, fault: 'is longer than 32 bytes' },
];

/** A key of WPA-PSK: 256 bits in hex. */
const KEY = '^[0-9A-Fa-f]{64}$';

/** What refuses the passphrase of a Wi-Fi network (IEEE 802.11-2016 §J.4.1), or its key. */
export const PASSPHRASE_RULES: readonly Rule[] = [
  { ...ASCII_RULE, unless: KEY },
  { pattern: '^.{8,63}$', unless: KEY, fault: 'is not 8 to 63 characters long' },
];

/** What refuses a country, ISO 3166-1 alpha-2. */
export const COUNTRY_RULES: readonly Rule[] = [
  { pattern: '^[A-Za-z]{2}$', fault: 'is not a two-letter ISO 3166 code' },
];

/** Why `ssid` is no network's name, or undefined. */
export function validateSsid(ssid: string): string | undefined {
  return findFaults(ssid, SSID_RULES)[0];
}

/** Why `passphrase` is neither a passphrase nor a key, or undefined. */
export function validatePassphrase(passphrase: string): string | undefined {
  return findFaults(passphrase, PASSPHRASE_RULES)[0];
}

/** Why `country` is no country, or undefined. */
export function validateCountry(country: string): string | undefined {
  return findFaults(country, COUNTRY_RULES)[0];
}

/** Whether it is a key and no passphrase. */
export function isWifiKey(passphrase: string): boolean {
  return new RegExp(KEY).test(passphrase);
}
