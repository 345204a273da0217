import { validatePasswordHash } from '../formats/config/accounts.ts';
import { validateHostname } from '../formats/config/hostname.ts';
import { validatePassword } from '../formats/config/login-password.ts';
import { validatePublicKey } from '../formats/config/ssh-key.ts';
import { validateUserName } from '../formats/config/user-name.ts';
import { isWifiKey, validateCountry, validatePassphrase, validateSsid } from '../formats/config/wifi.ts';
import { derivePsk } from '../formats/config/wpa-supplicant.ts';
import type { Diagnostics } from './notes.ts';
import type { RawOptions } from './options-schema.ts';
import type { PasswordChoice, Wifi } from './recipe.ts';

/** The public key lines, without duplicates. */
export function readKeys(options: RawOptions, notes: Diagnostics): readonly string[] {
  const keys = (options.sshKey ?? []).map((key) => key.trim());
  keys.forEach((key, index) => {
    const fault = validatePublicKey(key);
    if (fault !== undefined) {
      notes.issue({
        option: 'ssh-key',
        message: `has a key, number ${index + 1}, that ${fault}`,
        hint: 'give a line as in ~/.ssh/id_ed25519.pub',
      });
    } else if (key.startsWith('sk-')) {
      notes.warn(`--ssh-key: key ${index + 1} needs OpenSSH 8.2 on the Pi; Stretch has 7.4 and ignores it`);
    }
  });
  return [...new Set(keys)];
}

/** The host name, or undefined to keep the base's. */
export function readHostname(options: RawOptions, notes: Diagnostics): string | undefined {
  const { hostname } = options;
  const fault = hostname === undefined ? undefined : validateHostname(hostname);
  if (fault !== undefined) {
    notes.issue({
      option: 'hostname',
      value: hostname,
      message: `${fault} (RFC 1123)`,
      hint: 'use letters, digits and inner hyphens',
    });
  }
  return hostname;
}

/** The user's name, or undefined for the base's user pi. */
export function readUser({ user }: RawOptions, notes: Diagnostics): string | undefined {
  const fault = user === undefined ? undefined : validateUserName(user);
  if (fault !== undefined) {
    const hint = 'give one such as anna';
    notes.issue({ option: 'user', value: user, message: fault, hint });
  }
  return user;
}

/** The choice for the user's password. */
export function readPassword(options: RawOptions, notes: Diagnostics): PasswordChoice {
  const { password, passwordHash } = options;
  if (password !== undefined && passwordHash !== undefined) {
    notes.issue({
      option: 'password',
      message: 'and {--password-hash} are both given',
      hint: 'give one of them',
    });
  }
  if (passwordHash !== undefined) {
    const fault = validatePasswordHash(passwordHash);
    if (fault !== undefined) {
      notes.issue({ option: 'password-hash', message: fault, hint: 'make one with: openssl passwd -6' });
    }
    return { kind: 'hash', hash: passwordHash };
  }
  if (password === undefined) return { kind: 'stock' };
  const fault = validatePassword(password);
  if (fault !== undefined) {
    notes.issue({ option: 'password', message: fault, hint: 'choose another one' });
  }
  if (password === 'raspberry') notes.warn('--password is the stock password, which everybody knows');
  return { kind: 'clear', password };
}

/** The Wi-Fi network, its passphrase already turned into a key. */
export function readWifi(options: RawOptions, notes: Diagnostics): Wifi | undefined {
  const { wifiSsid: ssid, wifiPsk: psk, wifiCountry: country } = options;
  if (ssid === undefined) {
    const given = [psk === undefined ? [] : ['wifi-psk'], country === undefined ? [] : ['wifi-country']];
    for (const option of given.flat()) {
      notes.issue({ option, message: 'is given without {--wifi-ssid}', hint: 'name the network too' });
    }
    return undefined;
  }
  const fault = validateSsid(ssid);
  if (fault !== undefined) {
    const hint = 'give the name as the access point shows it';
    notes.issue({ option: 'wifi-ssid', message: fault, hint });
  }
  const countryFault = country === undefined ? undefined : validateCountry(country);
  if (country === undefined) {
    notes.issue({
      option: 'wifi-ssid',
      message: 'needs {--wifi-country} (two letters, such as US): the radio stays blocked without it',
    });
  } else if (countryFault !== undefined) {
    const hint = 'give one such as US or DE';
    notes.issue({ option: 'wifi-country', value: country, message: countryFault, hint });
  }
  const pskFault = psk === undefined ? undefined : validatePassphrase(psk);
  if (pskFault !== undefined) {
    const hint = 'give the passphrase, or its 64 hex digits';
    notes.issue({ option: 'wifi-psk', message: pskFault, hint });
  }
  if (psk === undefined) notes.warn('--wifi-ssid without --wifi-psk: the Pi joins that network unencrypted');
  if (fault !== undefined || pskFault !== undefined) return undefined;
  return {
    ssid,
    psk: psk === undefined ? undefined : isWifiKey(psk) ? psk.toLowerCase() : derivePsk(psk, ssid),
    country: (country ?? '').toUpperCase(),
  };
}
