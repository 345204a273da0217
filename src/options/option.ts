/** The names of wwanpi's commands. */
export type CommandName =
  | 'boot'
  | 'build'
  | 'carriers'
  | 'catalogue'
  | 'completion'
  | 'diff'
  | 'doctor'
  | 'fetch'
  | 'flash'
  | 'fleet'
  | 'inspect'
  | 'man'
  | 'publish'
  | 'schema';

/**
 * What a path is to a container: a file or folder to read, a folder to write into, a file to write (its folder is
 * mounted), or the name of a base or scenario, which is a file to read where none has that name.
 */
export type PathKind = 'read' | 'write-folder' | 'write-file' | 'base' | 'scenario';

/** Names that completion and messages can list: see command-line/completion-values.ts. */
export type KnownNames = 'base' | 'scenario' | 'carrier' | 'country';

/** How an image of a fleet file may set an option. */
export interface FleetUse {
  /** Whether NAME-env may name an environment variable with the value. */
  readonly variable?: boolean;
  /** Other options that this one, given for an image, takes away from the file's defaults. */
  readonly replaces?: readonly string[];
  /** What else to know in a fleet file, after the help text. */
  readonly note?: string;
  /** In place of `unset`, where a fleet differs. */
  readonly unset?: string;
}

/**
 * One option of one or more commands: the only place where it is declared. An option with two meanings has two entries.
 * Texts are in plain English; help begins with a capital and ends without a stop.
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
  /** What --no-NAME does, where that is worth saying: "deletes it". */
  readonly negation?: string;
  /** The value that the command gets when the option is not given. */
  readonly default?: string | boolean;
  /** What happens when it is not given, in words, where there is no `default`. */
  readonly unset?: string;
  /** The only values allowed; with a number, words allowed in its place. */
  readonly choices?: readonly string[];
  /** Where the values have names that can be listed. */
  readonly names?: KnownNames;
  /** What a message asks for when the value has the wrong type: "an APN". */
  readonly needs?: string;
  readonly required?: boolean;
  /** What to do when it is needed and missing; `{--option}` names another option. */
  readonly advice?: string;
  /** The value is never printed, recorded, or passed on in a command line. */
  readonly secret?: boolean;
  /** An environment variable that may hold the value. */
  readonly variable?: string;
  readonly path?: PathKind;
  /** Part of the recipe: checked with it (recipe/options-schema.ts). */
  readonly recipe?: boolean;
  /** Decides what is in the image, and is recorded in its manifest. */
  readonly recorded?: boolean;
  readonly fleet?: FleetUse;
  /** The GitHub Action has it as an input. */
  readonly action?: boolean;
  /** Options that cannot be given together with it. */
  readonly conflicts?: readonly string[];
  /** A list that takes one value each time it is given, so that arguments may follow. */
  readonly oneEach?: boolean;
  /** Taken, but not shown in help. */
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

/** A camel case name, as yargs gives it besides: `apnUser` for `apn-user`. */
export type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** What an option's value is once its type was checked. */
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
