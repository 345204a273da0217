import type { OptionEntry } from './option.ts';

/** The help text of an option, with its choices, its opposite and, for a secret, the better place for it. */
export function describeOption(option: OptionEntry): string {
  return describeHelp({ ...option, help: describePlainly(option) });
}

/** The same without the choices. */
export function describeHelp({ name, help, variable, secret, negation }: OptionEntry): string {
  const opposite = negation === undefined ? '' : `; --no-${name} ${negation}`;
  const better = secret === true && variable !== undefined ? `; safer in $${variable}` : '';
  return `${help}${opposite}${better}`;
}

/** The text in brackets about the default; undefined if there is none. */
export function describeDefault({ default: value, unset }: OptionEntry): string | undefined {
  if (unset !== undefined) return unset;
  return value === undefined || typeof value === 'boolean' ? undefined : value;
}

/** The option as typed, with its metavar: `-y, --yes`, `--apn APN`, `--dns ADDRESS…`. */
export function formatSpelling({ name, alias, metavar, type }: OptionEntry): string {
  const value = metavar === undefined ? '' : ` ${metavar}${type === 'list' ? '…' : ''}`;
  return `${alias === undefined ? '' : `-${alias}, `}--${name}${value}`;
}

/** The description of an option in the JSON schema of fleet files. */
export function describeInFleet(option: OptionEntry): string {
  const { fleet, path } = option;
  const notes = [
    ...(path === 'read' || path === 'base' || path === 'package' ? ['paths are relative to this file'] : []),
    ...(fleet?.note === undefined ? [] : [fleet.note]),
  ];
  return `${[describePlainly(option), ...notes].join('; ')}${bracket(fleet?.unset ?? describeDefault(option))}`;
}

/** The description of the Action's input for an option. */
export function describeInput(option: OptionEntry): string {
  const notes = [
    ...(option.type === 'list' ? ['separate several with spaces'] : []),
    ...(option.secret === true ? ['use a secret'] : []),
    ...(option.type === 'switch' ? ['true or false'] : []),
  ];
  return `${[describePlainly(option), ...notes].join('; ')}${bracket(option.default === undefined ? option.unset : undefined)}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function joinWords(words: readonly string[], conjunction = 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}

function describePlainly({ help, choices, type }: OptionEntry): string {
  const words = joinWords(choices ?? []);
  return `${help}${choices === undefined ? '' : ` (${type === 'number' ? 'or ' : ''}${words})`}`;
}

function bracket(text: string | undefined): string {
  return text === undefined ? '' : ` [${text}]`;
}
