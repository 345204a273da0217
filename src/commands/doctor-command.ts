import type { CommandModule } from 'yargs';
import { ToolMissingError } from '../errors.ts';
import { withRun } from '../host.ts';
import { silentReporter } from '../report.ts';

/** `wwanpi doctor`. Exits 3 when a tool is missing. */
export const doctorCommand: CommandModule = {
  command: 'doctor',
  describe: 'List the host tools wwanpi uses: versions, why each is needed, the package to install',
  builder: (yargs) => yargs.strict(),
  handler: async () => {
    const { runDoctor } = await import('./doctor.ts');
    const { text, complete } = await withRun({ report: silentReporter }, (run) => runDoctor(run.context));
    process.stdout.write(text);
    if (!complete) throw new ToolMissingError('some host tools are missing (see above)');
  },
};
