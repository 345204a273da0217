import type { ApnAuth } from '../formats/config/apn-auth.ts';
import type { OwnFiles } from './own-files.ts';

/** The user's options after all checks: no value can fail a quoting function. Plain and readonly. */
export interface Recipe {
  /** Base name of the finished files, as in NAME.img: letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  readonly apn: string;
  readonly credentials: Credentials | undefined;
  /** Name servers that come before the carrier's; none for `--dns none`. */
  readonly dns: readonly string[];
  /** Metric of the default route over LTE; undefined for the stack's (`getDefaultMetric`). */
  readonly metric: number | undefined;
  /** What the mobile network may reach; undefined for `--firewall off`. */
  readonly firewall: Firewall | undefined;
  /** Undefined: as the stack needs it. */
  readonly ndisdup: 'first-boot' | 'every-boot' | 'off' | undefined;
  /** The SIM's PIN, four to eight digits. */
  readonly pin: string | undefined;
  /** How the connection is kept alive; undefined for `--supervisor off`. */
  readonly supervisor: Supervisor | undefined;
  /** The Pi writes wwanpi-status.txt on its boot partition. */
  readonly statusFile: boolean;
  readonly ssh: boolean;
  /** Who logs in; undefined for the base's user pi. */
  readonly user: string | undefined;
  /** Whether it is wanted that nobody can log in. */
  readonly noLogin: boolean;
  /** authorized_keys lines of the user. */
  readonly sshKeys: readonly string[];
  readonly hostname: string | undefined;
  readonly password: PasswordChoice;
  /** Whether SSH may be on while the user keeps the base's password. */
  readonly stockPassword: 'refuse' | 'keep';
  readonly wifi: Wifi | undefined;
  /** `Europe/Berlin`; undefined to keep the base's, as for the next two. */
  readonly timezone: string | undefined;
  /** `de_DE.UTF-8`. */
  readonly locale: string | undefined;
  /** An XKB layout: `gb`. */
  readonly keyboard: string | undefined;
  /** The user's own files, packages and scripts; none until they are read. */
  readonly own: OwnFiles;
  /** SOURCE_DATE_EPOCH: the modification time of every file written, in seconds; undefined: taken from the base. */
  readonly epochSeconds: number | undefined;
}

/** User name, password (maybe empty) and method for an APN that needs them. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly auth: ApnAuth;
}

/** What the mobile network can reach on the Pi. */
export interface Firewall {
  /** Ports as in `22/tcp`, each once. */
  readonly allowed: readonly string[];
}

/** The settings of the supervisor on the Pi. */
export interface Supervisor {
  readonly intervalSeconds: number;
  /** Time without received packets on wwan0 before recovery starts. */
  readonly deadAfterSeconds: number;
  /** IPv4 addresses to ping when wwan0 is idle. */
  readonly probes: readonly string[];
  /** Time offline before a reboot; 0: never. */
  readonly rebootAfterMinutes: number;
  /** The ACT LED blinks while wwan0 is offline. */
  readonly led: boolean;
}

/** The choice for the user's password. `clear` becomes `hash` before planning. */
export type PasswordChoice =
  | { readonly kind: 'stock' }
  | { readonly kind: 'clear'; readonly password: string }
  | { readonly kind: 'hash'; readonly hash: string };

/** A Wi-Fi network besides LTE. */
export interface Wifi {
  readonly ssid: string;
  /** 64 hex digits (`derivePsk`); undefined for an open network. */
  readonly psk: string | undefined;
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string;
}

/** A recipe, and the warnings for its user. */
export interface ParsedRecipe {
  readonly recipe: Recipe;
  readonly warnings: readonly string[];
}
