import type { Command } from '../options/command.ts';
import type { ArgumentEntry, OptionEntry } from '../options/option.ts';
import { listCommonOptions, listShownOptions } from '../options/options.ts';

/** A possible word, and its description, which may be empty. */
export interface Candidate {
  readonly word: string;
  readonly describe: string;
}

/** The known values of an option or argument. */
export type ValueSource = (entry: OptionEntry | ArgumentEntry) => Promise<readonly Candidate[]>;

/** Where the words come from. */
export interface CompletionSource {
  readonly commands: readonly Command[];
  readonly values: ValueSource;
}

/**
 * Completes the last word.
 * @param words the words after `wwanpi`, up to the cursor; the last one is incomplete, and may be empty
 * @returns empty if wwanpi knows no words; the shell then completes file names
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
    const values = starting(await listValues(source, option), joined[2] ?? '');
    return values.map(({ word, describe }) => ({ word: `--${option.name}=${word}`, describe }));
  }
  if (current.startsWith('-')) return starting(listOptionWords(options, typed), current);
  if (awaiting !== undefined) {
    const values = await listValues(source, awaiting);
    return starting(values, current);
  }
  if (command === undefined) return starting(source.commands.map(toCandidate), current);
  const argument = command.args[positionalAt];
  if (argument !== undefined) return starting(await listValues(source, argument), current);
  return current === '' ? listOptionWords(options, typed) : [];
}

/**
 * Joins the words that bash splits at `=` (COMP_WORDBREAKS): `--log=json` arrives as three words, and only the value
 * is completed, as after a space.
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
  readonly command: Command | undefined;
  readonly options: readonly OptionEntry[];
  /** Number of arguments before this word. */
  readonly positionalAt: number;
  /** The option that takes the next word as its value. */
  readonly awaiting: OptionEntry | undefined;
}

function readLine({ commands }: CompletionSource, typed: readonly string[]): Line {
  let command: Command | undefined;
  let options: readonly OptionEntry[] = listCommonOptions();
  let positionalAt = 0;
  let awaiting: OptionEntry | undefined;
  for (const word of typed) {
    if (word.startsWith('-')) {
      const option = word.includes('=') ? undefined : findOption(options, word.replace(/^-+/, ''));
      awaiting = option?.type === 'switch' ? undefined : option;
    } else if (awaiting !== undefined) {
      if (awaiting.type !== 'list') awaiting = undefined;
    } else if (command === undefined) {
      command = commands.find(({ name }) => name === word);
      options = [...(command === undefined ? [] : listShownOptions(command.name)), ...listCommonOptions()];
    } else {
      positionalAt += 1;
    }
  }
  return { command, options, positionalAt, awaiting };
}

function findOption(options: readonly OptionEntry[], name: string): OptionEntry | undefined {
  return options.find((option) => option.name === name || option.alias === name);
}

/** The options that are not given yet, or may be repeated. */
function listOptionWords(options: readonly OptionEntry[], typed: readonly string[]): Candidate[] {
  const isGiven = ({ name, type }: OptionEntry) =>
    type !== 'list' && typed.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  return options
    .filter((option) => !isGiven(option))
    .map(({ name, help }) => ({ word: `--${name}`, describe: help }));
}

async function listValues(
  { values }: CompletionSource,
  entry: OptionEntry | ArgumentEntry,
): Promise<readonly Candidate[]> {
  if (entry.choices !== undefined) return entry.choices.map((word) => ({ word, describe: '' }));
  return values(entry);
}

function toCandidate({ name, describe }: Command): Candidate {
  return { word: name, describe };
}
