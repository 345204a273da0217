import type { CommandModule } from 'yargs';
import { withRun } from '../host/with-run.ts';
import { createReporter } from '../report/choose-reporter.ts';

/** `wwanpi carriers`: what `--carrier` can name. */
export const carriersCommand: CommandModule = {
  command: 'carriers [search]',
  describe: 'List the carriers and APNs that --carrier can name',
  builder: (yargs) =>
    yargs
      .positional('search', {
        type: 'string',
        describe: "Words of a carrier's name, country, plan or APN [all carriers]",
      })
      .options({
        country: { type: 'string', describe: 'Two-letter country code, such as us' },
        all: { type: 'boolean', default: false, describe: 'Also APNs that are not for internet access' },
        json: { type: 'boolean', default: false, describe: 'Print them as JSON' },
        'cache-dir': {
          type: 'string',
          describe: 'Where slow-made things are kept [$XDG_CACHE_HOME/wwanpi]',
        },
      })
      .example('$0 carriers metro', 'whose name, plan or APN has "metro" in it')
      .example('$0 carriers --country de', 'those of Germany')
      .example('$0 carriers vodafone --country de --all', 'also those for MMS and the like')
      .strictOptions(),
  handler: async (argv) => {
    const { runCarriers } = await import('./carriers.ts');
    const { loadCarriers } = await import('../carriers/load-carriers.ts');
    const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
    const report = createReporter(argv);
    const data = await loadCarriers((fn) => withRun({ report, cacheDir }, ({ context }) => fn(context)));
    const search = [argv.search, ...argv._.slice(1)].filter((word) => word !== undefined).join(' ');
    const country = typeof argv.country === 'string' ? argv.country : undefined;
    process.stdout.write(
      runCarriers(data, { search, country, all: argv.all === true, json: argv.json === true }),
    );
  },
};
