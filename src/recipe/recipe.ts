import type { ApnAuth } from '../formats/config/at-command.ts';

/** What the user asks for, checked: nothing in it can fail a quoting function. Plain and readonly. */
export interface Recipe {
  /** The finished files are NAME.img and so on: letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  readonly apn: string;
  readonly credentials: Credentials | undefined;
  /** Name servers that come before the carrier's; none for `--dns none`. */
  readonly dns: readonly string[];
  /** Metric of the default route over wwan0. */
  readonly metric: number;
  /** What the mobile network may reach; undefined for `--firewall off`. */
  readonly firewall: Firewall | undefined;
  readonly ndisdup: 'first-boot' | 'every-boot' | 'off';
  /** The SIM's PIN, four to eight digits. */
  readonly pin: string | undefined;
  /** How the connection is kept alive; undefined for `--supervisor off`. */
  readonly supervisor: Supervisor | undefined;
  readonly ssh: boolean;
  /** authorized_keys lines of the user pi. */
  readonly sshKeys: readonly string[];
  readonly hostname: string | undefined;
  readonly password: PasswordChoice;
  /** Whether SSH may be on while the user pi keeps the base's password. */
  readonly stockPassword: 'refuse' | 'keep';
  readonly wifi: Wifi | undefined;
  /** SOURCE_DATE_EPOCH: the time of every file we write, in seconds; undefined leaves it to the base. */
  readonly epochSeconds: number | undefined;
}

/** User name, password (maybe empty) and method for an APN that asks for them. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly auth: ApnAuth;
}

/** What of the Pi the mobile network may reach. */
export interface Firewall {
  /** Ports as in `22/tcp`, each once. */
  readonly allowed: readonly string[];
}

/** When the supervisor on the Pi looks, and when it acts. */
export interface Supervisor {
  readonly intervalSeconds: number;
  /** How long nothing may come back over wwan0 before it does something about it. */
  readonly deadAfterSeconds: number;
  /** IPv4 addresses it pings when wwan0 is quiet. */
  readonly probes: readonly string[];
  /** Offline for so long, it reboots; 0 is never. */
  readonly rebootAfterMinutes: number;
}

/** What becomes of the user pi's password. `clear` turns into `hash` before anything is planned. */
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

/** A recipe, and what its user should know though it is no fault. */
export interface ParsedRecipe {
  readonly recipe: Recipe;
  readonly warnings: readonly string[];
}
