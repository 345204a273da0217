import { APN_RULES } from '../config/apn.ts';
import { APN_AUTH_RULES } from '../config/apn-auth.ts';
import { HOSTNAME_RULES } from '../config/hostname.ts';
import { TIME_ZONE_RULES } from '../config/locale-settings.ts';
import { PASSWORD_RULES } from '../config/login-password.ts';
import { METRIC_RULES } from '../config/metric.ts';
import { PIN_RULES } from '../config/pin.ts';
import { CREDENTIAL_RULES } from '../config/qmi-network-conf.ts';
import type { Rule } from '../config/rule.ts';
import { PUBLIC_KEY_RULES } from '../config/ssh-key.ts';
import { USER_NAME_RULES } from '../config/user-name.ts';
import { COUNTRY_RULES, PASSPHRASE_RULES, SSID_RULES } from '../config/wifi.ts';

/** A setting on the card. TypeScript, the page in the browser and the script on the Pi all read this table. */
export interface CardKeyEntry {
  /** As in wwanpi.txt. */
  readonly key: string;
  /** The option of `wwanpi build` that it stands for, without the dashes. */
  readonly option: string;
  /** Once the Pi has the value, wwanpi.txt says `(stored)` in its place. */
  readonly secret: boolean;
  /** Plain English for whoever edits the file; one line of comment each. */
  readonly explanation: readonly string[];
  /** What refuses a value. They do not apply to an empty one, but for the key apn. */
  readonly rules: readonly Rule[];
  /** A rule that no pattern can say: see `checkCardSettings`. */
  readonly special?: 'dns' | 'ssh-key';
  /** The longest value, in bytes; longer ones are refused before any pattern sees them. */
  readonly maxBytes: number;
}

/** Every setting, in the order of the file. */
export const CARD_KEYS = [
  {
    key: 'apn',
    option: 'apn',
    secret: false,
    explanation: ['The access point name (APN) of your mobile contract, exactly as the carrier writes it.'],
    rules: APN_RULES,
    maxBytes: 100,
  },
  {
    key: 'user',
    option: 'apn-user',
    secret: false,
    explanation: [
      'User name, password and method (chap, pap, mschapv2 or none) for that APN.',
      'Most APNs need none.',
    ],
    rules: CREDENTIAL_RULES,
    maxBytes: 127,
  },
  {
    key: 'password',
    option: 'apn-password',
    secret: true,
    explanation: [],
    rules: CREDENTIAL_RULES,
    maxBytes: 127,
  },
  {
    key: 'auth',
    option: 'apn-auth',
    secret: false,
    explanation: [],
    rules: APN_AUTH_RULES,
    maxBytes: 16,
  },
  {
    key: 'pin',
    option: 'pin',
    secret: true,
    explanation: ['PIN of the SIM card, four to eight digits, if the card asks for one.'],
    rules: PIN_RULES,
    maxBytes: 8,
  },
  {
    key: 'dns',
    option: 'dns',
    secret: false,
    explanation: ['Name servers to ask first, at most 3; none: only those of the carrier.'],
    rules: [],
    special: 'dns',
    maxBytes: 200,
  },
  {
    key: 'metric',
    option: 'metric',
    secret: false,
    explanation: ['Metric of the route over LTE; the lowest wins. 6000 lets Ethernet and Wi-Fi win.'],
    rules: METRIC_RULES,
    maxBytes: 10,
  },
  {
    key: 'hostname',
    option: 'hostname',
    secret: false,
    explanation: ["The Pi's name in the network: letters, digits and hyphens. Empty: as it is."],
    rules: HOSTNAME_RULES,
    maxBytes: 64,
  },
  {
    key: 'login-user',
    option: 'user',
    secret: false,
    explanation: ['Name of the user who logs in; the one of before is renamed. Empty: as it is.'],
    rules: USER_NAME_RULES,
    maxBytes: 32,
  },
  {
    key: 'login-password',
    option: 'password',
    secret: true,
    explanation: ['Password of that user. Empty: as it is.'],
    rules: PASSWORD_RULES,
    maxBytes: 128,
  },
  {
    key: 'ssh-key',
    option: 'ssh-key',
    secret: false,
    explanation: ['Public key for logging in over SSH: the one line of a .pub file.'],
    rules: PUBLIC_KEY_RULES,
    special: 'ssh-key',
    maxBytes: 2048,
  },
  {
    key: 'wifi-ssid',
    option: 'wifi-ssid',
    secret: false,
    explanation: [
      'Wi-Fi network to join besides LTE: its name, its passphrase (8 to 63 characters;',
      'empty: an open network), and the country you are in: two letters, such as US.',
    ],
    rules: SSID_RULES,
    maxBytes: 32,
  },
  {
    key: 'wifi-password',
    option: 'wifi-psk',
    secret: true,
    explanation: [],
    rules: PASSPHRASE_RULES,
    maxBytes: 64,
  },
  {
    key: 'wifi-country',
    option: 'wifi-country',
    secret: false,
    explanation: [],
    rules: COUNTRY_RULES,
    maxBytes: 2,
  },
  {
    key: 'timezone',
    option: 'timezone',
    secret: false,
    explanation: ['Time zone, such as Europe/Berlin. Empty: as it is.'],
    rules: TIME_ZONE_RULES,
    maxBytes: 64,
  },
] as const satisfies readonly CardKeyEntry[];

/** The name of a setting. */
export type CardKey = (typeof CARD_KEYS)[number]['key'];

/** What stands in wwanpi.txt for a value that only root's files on the Pi have: the one in force. */
export const STORED = '(stored)';

/** Whether a text names a setting, in small letters. */
export function isCardKey(text: string): text is CardKey {
  return CARD_KEYS.some(({ key }) => key === text);
}

/** The entry of a setting. */
export function getCardKey(key: CardKey): CardKeyEntry {
  return CARD_KEYS.find((entry) => entry.key === key) as CardKeyEntry;
}
