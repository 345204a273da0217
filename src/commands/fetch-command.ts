import { resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { BASES, findBase } from '../bases.ts';
import type { CommandPaths } from '../container-plan.ts';
import { defaultCacheDir, withRun } from '../host.ts';
import { createReporter } from '../reporters.ts';
import { CONTAINER_OPTIONS, readEngine } from './container-options.ts';

/** `wwanpi fetch`: a base into the cache, ahead of builds; the one thing that may need root. */
export const fetchCommand: CommandModule = {
  command: 'fetch',
  describe: 'Put a base image into the cache ahead of builds',
  builder: (yargs) =>
    yargs
      .option('base', {
        type: 'string',
        default: 'raspbian-stretch',
        describe: `Which: ${BASES.map(({ name }) => name).join(', ')}, or an image file`,
      })
      .options(CONTAINER_OPTIONS)
      .option('cache-dir', { type: 'string', describe: 'Where it is kept [$XDG_CACHE_HOME/wwanpi]' })
      .example(
        'sudo $0 fetch --base debian-bookworm --cache-dir ~/.cache/wwanpi',
        'the one base that is made here, and so needs root',
      )
      .example('$0 fetch --base debian-bookworm --in docker', "root of the container's is enough")
      .strict(),
  handler: async (argv) => {
    const { fetchBase } = await import('../steps/fetch-base.ts');
    const { findOwner, handOverCache } = await import('../steps/hand-over-cache.ts');
    const cacheDir = resolve(typeof argv.cacheDir === 'string' ? argv.cacheDir : defaultCacheDir());
    const owner = await findOwner(cacheDir);
    const report = createReporter(argv);
    const engine = readEngine(argv);
    if (engine !== undefined) {
      const { runInContainer } = await import('./run-in-container.ts');
      const asRoot = findBase(String(argv.base))?.kind === 'built';
      await runInContainer(argv, { engine, paths: FETCH_PATHS, report, cacheDir, asRoot });
      return;
    }
    try {
      const base = await withRun({ report, cacheDir }, ({ context }) =>
        fetchBase(context, String(argv.base)),
      );
      process.stdout.write(`${base.diskPath}\n`);
    } finally {
      await handOverCache(cacheDir, owner);
    }
  },
};

/** Which of its options a container must be given access to. */
export const FETCH_PATHS: CommandPaths = {
  command: 'fetch',
  options: { base: 'base', cacheDir: 'write-folder' },
};
