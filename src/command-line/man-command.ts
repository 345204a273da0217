import type { Command } from '../options/command.ts';

/**
 * `wwanpi man`: prints the manual page, which the package has as dist/wwanpi.1.
 * @param listCommands a function, because the list contains this command
 */
export function createManCommand(listCommands: () => readonly Command[]): Command {
  return {
    name: 'man',
    describe: 'Print the manual page, as roff',
    args: [],
    examples: [
      { line: 'wwanpi man | man -l -', describe: 'read it' },
      { line: 'wwanpi man > /usr/local/share/man/man1/wwanpi.1', describe: 'let man(1) find it' },
    ],
    run: async () => {
      const { formatManPage } = await import('./man-page.ts');
      process.stdout.write(formatManPage(listCommands()));
    },
  };
}
