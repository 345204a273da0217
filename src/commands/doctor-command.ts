import type { CommandModule } from 'yargs';
import { ToolMissingError } from '../core/errors.ts';
import { silentReporter } from '../core/reporter.ts';
import { withRun } from '../host/with-run.ts';

/** `wwanpi doctor`. Exits 3 when a tool is missing. */
export const doctorCommand: CommandModule = {
  command: 'doctor',
  describe: 'See whether this machine has the programs wwanpi uses, and what to install',
  builder: (yargs) =>
    yargs
      .option('missing', {
        type: 'boolean',
        default: false,
        describe: 'Print only the Debian packages to install, a line each; none when nothing is missing',
      })
      .example('$0 doctor', 'what is here and what is not')
      .example('$0 doctor --missing | xargs -r sudo apt-get install -y', 'install what is not')
      .strict(),
  handler: async (argv) => {
    const { listMissingPackages, runDoctor } = await import('./doctor.ts');
    if (argv.missing === true) {
      const packages = await withRun({ report: silentReporter }, (run) => listMissingPackages(run.context));
      process.stdout.write(packages.map((name) => `${name}\n`).join(''));
      return;
    }
    const { text, complete } = await withRun({ report: silentReporter }, (run) => runDoctor(run.context));
    process.stdout.write(text);
    if (!complete) throw new ToolMissingError('some host tools are missing (see above)');
  },
};
