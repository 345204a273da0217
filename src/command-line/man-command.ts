import type { CommandModule } from 'yargs';
import type { CommandDefinition, OptionDefinition } from './definitions.ts';

/**
 * `wwanpi man`: the manual page, which the package has as dist/wwanpi.1. It is told of the commands, since it is one of
 * them.
 */
export function createManCommand(
  listCommands: () => readonly CommandDefinition[],
  listGlobalOptions: () => readonly OptionDefinition[],
): CommandModule {
  return {
    command: 'man',
    describe: 'Print the manual page, as roff',
    builder: (yargs) =>
      yargs
        .example('$0 man | man -l -', 'read it')
        .example('$0 man > /usr/local/share/man/man1/wwanpi.1', 'let man(1) find it')
        .strict(),
    handler: async () => {
      const { formatManPage } = await import('./man-page.ts');
      process.stdout.write(formatManPage(listCommands(), listGlobalOptions()));
    },
  };
}
