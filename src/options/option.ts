/** The names of wwanpi's commands. */
export const COMMAND_NAMES = [
  'bases',
  'boot',
  'build',
  'cache',
  'carriers',
  'catalogue',
  'completion',
  'diff',
  'doctor',
  'fetch',
  'flash',
  'fleet',
  'help',
  'init',
  'inspect',
  'man',
  'publish',
  'schema',
  'set',
  'version',
] as const;

/** A name of `COMMAND_NAMES`. */
export type CommandName = (typeof COMMAND_NAMES)[number];

/**
 * How to mount a path into a container: a file or folder to read, a folder to write into, a file to write (its folder
 * is mounted), or the name of a base, scenario or package; any other value of those is a file to read.
 */
export type PathKind = 'read' | 'write-folder' | 'write-file' | 'base' | 'scenario' | 'package';

/** Whether a value of `--package` is a file, not a name in an archive: it ends in .deb or has a slash. */
export function isPackageFile(value: string): boolean {
  return value.endsWith('.deb') || value.includes('/');
}

/** Names that completion and messages can list: see command-line/completion-values.ts. */
export type KnownNames = 'base' | 'scenario' | 'carrier' | 'country' | 'command';

/** How an image of a fleet file may set an option. */
export interface FleetUse {
  /** Whether NAME-env may name an environment variable with the value. */
  readonly variable?: boolean;
  /** Options of the file's defaults that do not apply to an image with this option. */
  readonly replaces?: readonly string[];
  /** Text for fleet files, after the help text. */
  readonly note?: string;
  /** Replaces `unset` if a fleet differs. */
  readonly unset?: string;
}

/**
 * One option of one or more commands: the only place where it is declared. An option with two meanings has two entries.
 * Texts are in plain English; help begins with a capital letter and ends without a full stop.
 */
export interface OptionEntry {
  /** As typed, without the dashes: `apn-user`. */
  readonly name: string;
  /** One letter. */
  readonly alias?: string;
  readonly commands: readonly CommandName[] | 'all';
  /** The heading in --help and the manual page, without a colon; by default "Options". */
  readonly group?: string;
  /** A number is a whole one, from 0 on. A list takes several values. */
  readonly type: 'text' | 'list' | 'number' | 'switch';
  /** Stands for the value in usage lines: APN. A switch has none. */
  readonly metavar?: string;
  readonly help: string;
  /** The effect of --no-NAME, if that is not obvious: "deletes it". */
  readonly negation?: string;
  /** The value that the command gets when the option is not given. */
  readonly default?: string | boolean;
  /** The behaviour without the option, in words, if there is no `default`. */
  readonly unset?: string;
  /** The only values allowed; for a number, words allowed instead. */
  readonly choices?: readonly string[];
  /** The kind of names that complete the value, if they can be listed. */
  readonly names?: KnownNames;
  /** The noun for a message about a value of the wrong type: "an APN". */
  readonly needs?: string;
  readonly required?: boolean;
  /** The hint when it is required and missing; `{--option}` names another option. */
  readonly advice?: string;
  /** The value is never printed, recorded, or passed on in a command line. */
  readonly secret?: boolean;
  /** An environment variable that may hold the value. */
  readonly variable?: string;
  readonly path?: PathKind;
  /** Part of the recipe: checked with it (recipe/options-schema.ts). */
  readonly recipe?: boolean;
  /** Determines the contents of the image, so the manifest records it. */
  readonly recorded?: boolean;
  readonly fleet?: FleetUse;
  /** The GitHub Action has it as an input. */
  readonly action?: boolean;
  /** Options that cannot be given together with it. */
  readonly conflicts?: readonly string[];
  /** A list that takes one value each time, so that arguments may follow. */
  readonly oneEach?: boolean;
  /** Accepted, but not shown in help. */
  readonly hidden?: boolean;
}

/** An argument of a command: a word of its own, not an option. */
export interface ArgumentEntry {
  readonly name: string;
  readonly help: string;
  readonly required?: boolean;
  /** Takes all words that follow. */
  readonly many?: boolean;
  readonly choices?: readonly string[];
  readonly names?: KnownNames;
  readonly path?: PathKind;
}

/** The camel case name that yargs adds: `apnUser` for `apn-user`. */
export type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The type of an option's value after the type check. */
export type ValueOf<Entry extends OptionEntry> = Entry extends { readonly type: 'switch' }
  ? boolean
  : Entry extends { readonly type: 'list' }
    ? string[]
    : Entry extends { readonly type: 'number' }
      ? number | ChoiceOf<Entry>
      : [ChoiceOf<Entry>] extends [never]
        ? string
        : ChoiceOf<Entry>;

type ChoiceOf<Entry> = Entry extends { readonly choices: readonly (infer Choice)[] } ? Choice : never;

/** `apn-user` → `apnUser`. */
export function toCamel(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** `apnUser` → `apn-user`. */
export function toKebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
