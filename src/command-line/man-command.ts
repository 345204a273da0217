import type { CommandModule } from 'yargs';

/** `wwanpi man`: the manual page, which the package has as dist/wwanpi.1. */
export const manCommand: CommandModule = {
  command: 'man',
  describe: 'Print the manual page, as roff',
  builder: (yargs) =>
    yargs
      .example('$0 man | man -l -', 'read it')
      .example('$0 man > /usr/local/share/man/man1/wwanpi.1', 'let man(1) find it')
      .strict(),
  handler: async () => {
    const { formatManPage } = await import('./man-page.ts');
    process.stdout.write(formatManPage());
  },
};
