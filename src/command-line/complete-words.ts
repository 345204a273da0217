import type { CommandDefinition, OptionDefinition } from './definitions.ts';

/** A word that fits, and what it means; the latter may be empty. */
export interface Candidate {
  readonly word: string;
  readonly describe: string;
}

/** The words that may follow an option or stand for a positional, where wwanpi knows them. */
export type ValueSource = (
  option: OptionDefinition,
  command: string | undefined,
) => Promise<readonly Candidate[]>;

/** Where the words' meaning comes from. */
export interface CompletionSource {
  readonly commands: readonly CommandDefinition[];
  readonly globals: readonly OptionDefinition[];
  readonly values: ValueSource;
}

/**
 * What may stand in place of the last word.
 * @param words what is typed after `wwanpi`, up to the cursor; the last is the one begun, and may be empty
 * @returns none where wwanpi knows no words for it: the shell then completes files
 */
export async function completeWords(
  source: CompletionSource,
  words: readonly string[],
): Promise<Candidate[]> {
  const typed = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const { command, options, positionalAt, awaiting } = readLine(source, typed);
  const starting = (candidates: readonly Candidate[], text: string) =>
    candidates.filter(({ word }) => word.startsWith(text));

  const joined = /^--([^=]+)=(.*)$/s.exec(current);
  if (joined !== null) {
    const option = findOption(options, joined[1] ?? '');
    if (option === undefined) return [];
    const values = starting(await listValues(source, option, command), joined[2] ?? '');
    return values.map(({ word, describe }) => ({ word: `--${option.name}=${word}`, describe }));
  }
  if (current.startsWith('-')) return starting(listOptions(options, typed), current);
  if (awaiting !== undefined) {
    const values = await listValues(source, awaiting, command);
    return starting(values, current);
  }
  if (command === undefined) return starting(source.commands.map(toCandidate), current);
  const positional = command.positionals[positionalAt];
  if (positional !== undefined) return starting(await listValues(source, positional, command), current);
  return current === '' ? listOptions(options, typed) : [];
}

/**
 * bash splits words at `=` (COMP_WORDBREAKS), so that `--log=json` comes as three: the value alone is to be completed
 * then, as if it stood after a space.
 */
export function joinBashWords(words: readonly string[]): string[] {
  const joined: string[] = [];
  words.forEach((word, at) => {
    if (word !== '=' || !words[at - 1]?.startsWith('--')) joined.push(word);
    else if (at === words.length - 1) joined.push('');
  });
  return joined;
}

interface Line {
  readonly command: CommandDefinition | undefined;
  readonly options: readonly OptionDefinition[];
  /** How many words stood for positionals. */
  readonly positionalAt: number;
  /** The option the next word is a value of. */
  readonly awaiting: OptionDefinition | undefined;
}

function readLine({ commands, globals }: CompletionSource, typed: readonly string[]): Line {
  let command: CommandDefinition | undefined;
  let options = globals;
  let positionalAt = 0;
  let awaiting: OptionDefinition | undefined;
  for (const word of typed) {
    if (word.startsWith('-')) {
      const option = word.includes('=') ? undefined : findOption(options, word.replace(/^-+/, ''));
      awaiting = option?.kind === 'boolean' ? undefined : option;
    } else if (awaiting !== undefined) {
      if (!awaiting.isArray) awaiting = undefined;
    } else if (command === undefined) {
      command = commands.find(({ name }) => name === word);
      options = [...(command?.options ?? []), ...globals];
    } else {
      positionalAt += 1;
    }
  }
  return { command, options, positionalAt, awaiting };
}

function findOption(options: readonly OptionDefinition[], name: string): OptionDefinition | undefined {
  return options.find((option) => option.name === name || option.aliases.includes(name));
}

/** Those not given yet; what may be repeated stays. */
function listOptions(options: readonly OptionDefinition[], typed: readonly string[]): Candidate[] {
  const isGiven = ({ name, isArray }: OptionDefinition) =>
    !isArray && typed.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  return options
    .filter((option) => !isGiven(option))
    .map(({ name, describe }) => ({ word: `--${name}`, describe }));
}

async function listValues(
  { values }: CompletionSource,
  option: OptionDefinition,
  command: CommandDefinition | undefined,
): Promise<readonly Candidate[]> {
  if (option.choices.length > 0) return option.choices.map((word) => ({ word, describe: '' }));
  return values(option, command?.name);
}

function toCandidate({ name, describe }: CommandDefinition): Candidate {
  return { word: name, describe };
}
