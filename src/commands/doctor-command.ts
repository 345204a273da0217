import { ToolMissingError } from '../core/errors.ts';
import { silentReporter } from '../core/reporter.ts';
import { withRun } from '../host/with-run.ts';
import type { Command } from '../options/command.ts';
import { printResult } from '../report/print-result.ts';

/** `wwanpi doctor`. Exits 3 when a tool is missing. */
export const doctorCommand: Command = {
  name: 'doctor',
  describe: 'Check whether this machine has the programs that wwanpi uses',
  args: [],
  examples: [
    { line: 'wwanpi doctor', describe: 'list the installed and the missing programs' },
    {
      line: 'wwanpi doctor --missing | xargs -r sudo apt-get install -y',
      describe: 'install what is missing',
    },
  ],
  run: async (argv) => {
    const { listMissingPackages, runDoctor, runDoctorJson } = await import('./doctor.ts');
    if (argv.missing === true) {
      const packages = await withRun({ report: silentReporter }, (run) => listMissingPackages(run.context));
      process.stdout.write(packages.map((name) => `${name}\n`).join(''));
      return;
    }
    const look = argv.json === true ? runDoctorJson : runDoctor;
    const { text, complete } = await withRun({ report: silentReporter }, (run) => look(run.context));
    printResult(text, argv.json === true ? 'json' : 'marks');
    if (!complete) throw new ToolMissingError('some host tools are missing (see above)');
  },
};
