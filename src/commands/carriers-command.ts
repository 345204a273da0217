import { withRun } from '../host/with-run.ts';
import type { Command } from '../options/command.ts';
import { createReporter } from '../report/choose-reporter.ts';

/** `wwanpi carriers`: lists the values of `--carrier`. */
export const carriersCommand: Command = {
  name: 'carriers',
  describe: 'List the carriers and APNs that --carrier can name',
  args: [
    { name: 'search', many: true, help: "Words of a carrier's name, country, plan or APN [all carriers]" },
  ],
  examples: [
    { line: 'wwanpi carriers t-mobile us', describe: 'words of a name, a country, a plan or an APN' },
    { line: 'wwanpi carriers --country Germany', describe: 'all of Germany' },
    { line: 'wwanpi carriers vodafone uk --all', describe: 'also APNs for MMS and the like' },
  ],
  run: async (argv) => {
    const { runCarriers } = await import('./carriers.ts');
    const { loadCarriers } = await import('../carriers/load-carriers.ts');
    const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
    const report = createReporter(argv);
    const data = await loadCarriers((fn) => withRun({ report, cacheDir }, ({ context }) => fn(context)));
    const search = [argv.search ?? []].flat().join(' ');
    const country = typeof argv.country === 'string' ? argv.country : undefined;
    // Undefined if the output is not a terminal.
    const columns = process.stdout.columns as number | undefined;
    const limits = { country, all: argv.all === true };
    process.stdout.write(runCarriers(data, { search, ...limits, json: argv.json === true, columns }));
  },
};
