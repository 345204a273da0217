import { DEFAULT_BASE, findBase } from '../base/bases.ts';
import { type Command, listPaths } from '../options/command.ts';
import { createReporter } from '../report/choose-reporter.ts';
import { readEngine } from './container-options.ts';

/** `wwanpi fetch`: puts bases into the cache ahead of builds; the only command that may need root. */
export const fetchCommand: Command = {
  name: 'fetch',
  describe: 'Put a base image into the cache ahead of builds',
  args: [],
  basics: ['base', 'fleet', 'in', 'cache-dir'],
  examples: [
    {
      line: 'sudo wwanpi fetch --base debian-bookworm --cache-dir ~/.cache/wwanpi',
      describe: 'build the Debian base here, as root',
    },
    {
      line: 'wwanpi fetch --base debian-bookworm --in docker',
      describe: 'build it as root of a container',
    },
    { line: 'wwanpi fetch --fleet fleet.yaml', describe: 'the bases of all images of a fleet' },
  ],
  run: async (argv) => {
    const report = createReporter(argv);
    const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
    const engine = readEngine(argv);
    if (engine !== undefined) {
      const { runInContainer } = await import('../container/run-in-container.ts');
      const asRoot = findBase(String(argv.base ?? DEFAULT_BASE))?.kind === 'built';
      await runInContainer(argv, {
        engine,
        paths: listPaths(fetchCommand),
        report,
        cacheDir,
        asRoot,
      });
      return;
    }
    const { listFleetBases, runFetch } = await import('./fetch.ts');
    const bases =
      typeof argv.fleet === 'string' ? await listFleetBases(argv.fleet) : [argv.base as string | undefined];
    process.stdout.write(
      await runFetch(report, bases, { cacheDir, requireUpdates: argv.requireUpdates === true }),
    );
  },
};
