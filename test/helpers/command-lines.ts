import yargs, { type Argv } from 'yargs';
import { COMMAND_GROUPS, GLOBAL_OPTIONS } from '../../src/command-line/command-list.ts';

/**
 * Parses a command line with the commands' own definitions, but runs nothing.
 * @param words what follows `wwanpi`
 * @returns what is wrong with it, or undefined
 */
export async function findFault(words: readonly string[]): Promise<string | undefined> {
  const line = yargs([...words])
    .option('log', GLOBAL_OPTIONS.log)
    .help(false)
    .exitProcess(false)
    .demandCommand(1)
    .strictCommands()
    .fail((message, error) => {
      throw error ?? new Error(message);
    });
  for (const command of COMMAND_GROUPS.flatMap(({ commands }) => commands)) {
    const { builder } = command;
    line.command({
      ...command,
      // `build` tells of unknown options itself, together with all other faults.
      builder: (own: Argv) => (typeof builder === 'function' ? (builder(own) as Argv) : own).strictOptions(),
      handler: () => undefined,
    });
  }
  try {
    await line.parseAsync();
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
