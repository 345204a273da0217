import { listCommands } from './command-list.ts';
import { completeWords, joinBashWords } from './complete-words.ts';
import { listKnownNames } from './completion-values.ts';

/**
 * What `wwanpi __complete WORD…` prints: a line for each word that fits, with what it means after a tab.
 * @param words what is typed after `wwanpi`, as the shell splits it, up to the cursor
 */
export async function runComplete(words: readonly string[]): Promise<string> {
  const source = { commands: listCommands(), values: listKnownNames };
  const candidates = await completeWords(source, joinBashWords(words));
  return candidates.map(({ word, describe }) => `${word}\t${describe}\n`).join('');
}
