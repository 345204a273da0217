import type { CommandModule } from 'yargs';
import { BASES, DEFAULT_BASE, findBase } from '../base/bases.ts';
import type { CommandPaths } from '../container/plan-container.ts';
import { createReporter } from '../report/choose-reporter.ts';
import { CONTAINER_OPTIONS, readEngine } from './container-options.ts';

/** `wwanpi fetch`: bases into the cache, ahead of builds; the one thing that may need root. */
export const fetchCommand: CommandModule = {
  command: 'fetch',
  describe: 'Put a base image into the cache ahead of builds',
  builder: (yargs) =>
    yargs
      .option('base', {
        type: 'string',
        describe: `Which: ${BASES.map(({ name }) => name).join(', ')}, or an image file [${DEFAULT_BASE}]`,
      })
      .option('fleet', { type: 'string', describe: 'Every base of this fleet file instead' })
      .options(CONTAINER_OPTIONS)
      .option('cache-dir', { type: 'string', describe: 'Where it is kept [$XDG_CACHE_HOME/wwanpi]' })
      .conflicts('fleet', ['base', 'in'])
      .example(
        'sudo $0 fetch --base debian-bookworm --cache-dir ~/.cache/wwanpi',
        'the one base that is made here, and so needs root',
      )
      .example('$0 fetch --base debian-bookworm --in docker', "root of the container's is enough")
      .example('$0 fetch --fleet fleet.yaml', 'what all images of a fleet are made from')
      .strict(),
  handler: async (argv) => {
    const report = createReporter(argv);
    const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
    const engine = readEngine(argv);
    if (engine !== undefined) {
      const { runInContainer } = await import('../container/run-in-container.ts');
      const asRoot = findBase(String(argv.base ?? DEFAULT_BASE))?.kind === 'built';
      await runInContainer(argv, { engine, paths: FETCH_PATHS, report, cacheDir, asRoot });
      return;
    }
    const { listFleetBases, runFetch } = await import('./fetch.ts');
    const bases =
      typeof argv.fleet === 'string' ? await listFleetBases(argv.fleet) : [argv.base as string | undefined];
    process.stdout.write(await runFetch(report, bases, cacheDir));
  },
};

/** Which of its options a container must be given access to. */
export const FETCH_PATHS: CommandPaths = {
  command: 'fetch',
  options: { base: 'base', cacheDir: 'write-folder' },
};
