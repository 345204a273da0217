import { listCommands } from './command-list.ts';
import { completeWords, joinBashWords } from './complete-words.ts';
import { listKnownNames } from './completion-values.ts';

/**
 * The output of `wwanpi __complete WORD…`: one line per possible word, with its description after a tab.
 * @param words the words after `wwanpi`, as the shell splits them, up to the cursor
 */
export async function runComplete(words: readonly string[]): Promise<string> {
  const source = { commands: listCommands(), values: listKnownNames };
  const candidates = await completeWords(source, joinBashWords(words));
  return candidates.map(({ word, describe }) => `${word}\t${describe}\n`).join('');
}
