import { createCommandLine } from '../../src/command-line/command-line.ts';
import { OptionsError } from '../../src/formats/issues.ts';
import { findLineIssues } from '../../src/options/check-line.ts';
import type { ParsedLine } from '../../src/options/command.ts';

/**
 * Parses a command line with the whole of wwanpi's own, but runs nothing.
 * @param words what follows `wwanpi`
 * @throws what is wrong with it
 */
export async function parseLine(words: readonly string[]): Promise<ParsedLine> {
  let parsed: ParsedLine = {};
  await createCommandLine(words, async (command, line) => {
    // `build` tells of unknown options itself, together with all other issues.
    const { collectsIssues: _, ...strict } = command;
    const [issue] = findLineIssues(strict, line);
    if (issue !== undefined) throw new OptionsError([issue]);
    parsed = line;
  }).parseAsync();
  return parsed;
}

/** What is wrong with a command line, or undefined. */
export async function findFault(words: readonly string[]): Promise<string | undefined> {
  try {
    await parseLine(words);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * The `wwanpi …` commands in a shell text (a workflow's `run:`, an example, a code block of the docs), as words. What
 * the shell would do to them is left undone, but quotes are taken away: `$VARIABLE`s and globs stay as they stand.
 */
export function extractCommands(text: string): string[][] {
  const joined = text.replaceAll(/\\\n\s*/g, ' ');
  const found: string[][] = [];
  // At the start of a command: of a line, after a pipe, in a substitution, behind sudo or an assignment.
  for (const match of joined.matchAll(/(?:^|[|;&(]|\bsudo|\bexec|\w=\S*)[ \t]*wwanpi[ \t]+([^\n]*)/gm)) {
    found.push(splitWords(match[1] ?? ''));
  }
  return found;
}

/** Words up to the first unquoted `|`, `;`, `&`, `>`, `<`, `)` or comment. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  const pattern =
    /\s*((?:"(?:[^"\\]|\\.)*"|'[^']*'|\$\{\{[^}]*\}\}|\$\{[^}]*\}|[^\s|;&><)"'#]|(?<=\S)#)+)|\s*([|;&><)#])/y;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[1] === undefined) break;
    words.push(match[1].replaceAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, a, b) => a ?? b));
  }
  return words;
}
