import type { CommandModule } from 'yargs';
import { createReporter } from '../reporters.ts';

/** `wwanpi fetch`: bases into the cache, ahead of builds; the one thing that may need root. */
export const fetchCommand: CommandModule = {
  command: 'fetch',
  describe: 'Fetch or make a base image into the cache, ahead of builds (debian-bookworm needs root for it)',
  builder: (yargs) =>
    yargs
      .option('base', { type: 'string', describe: 'A named base, or an image file [raspbian-stretch]' })
      .option('fleet', { type: 'string', describe: 'Every base of this fleet file instead' })
      .option('cache-dir', { type: 'string', describe: 'Where it is kept [$XDG_CACHE_HOME/wwanpi]' })
      .conflicts('base', 'fleet')
      .example(
        'sudo $0 fetch --base debian-bookworm --cache-dir ~/.cache/wwanpi',
        'what root fetches belongs to the owner of the folder',
      )
      .example('$0 fetch --fleet fleet.yaml', 'what all images of a fleet are made from')
      .strict(),
  handler: async (argv) => {
    const { listFleetBases, runFetch } = await import('./fetch.ts');
    const bases =
      typeof argv.fleet === 'string' ? await listFleetBases(argv.fleet) : [argv.base as string | undefined];
    const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
    process.stdout.write(await runFetch(createReporter(argv), bases, cacheDir));
  },
};
