import type { CommandModule } from 'yargs';
import { withRun } from '../host.ts';
import { createReporter } from '../reporters.ts';

/** `wwanpi fetch`: a base into the cache, ahead of builds; the one thing that may need root. */
export const fetchCommand: CommandModule = {
  command: 'fetch',
  describe: 'Fetch or make a base image into the cache, ahead of builds (debian-bookworm needs root for it)',
  builder: (yargs) =>
    yargs
      .option('base', {
        type: 'string',
        default: 'raspbian-stretch',
        describe: 'A named base, or an image file',
      })
      .option('cache-dir', { type: 'string', describe: 'Where it is kept [$XDG_CACHE_HOME/wwanpi]' })
      .example('sudo $0 fetch --base debian-bookworm --cache-dir ~/.cache/wwanpi', '')
      .strict(),
  handler: async (argv) => {
    const { fetchBase } = await import('../steps/fetch-base.ts');
    const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
    const report = createReporter(argv);
    const base = await withRun({ report, cacheDir }, ({ context }) => fetchBase(context, String(argv.base)));
    process.stdout.write(`${base.diskPath}\n`);
  },
};
