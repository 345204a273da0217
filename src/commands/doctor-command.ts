import { ToolMissingError } from '../core/errors.ts';
import { silentReporter } from '../core/reporter.ts';
import { createPaint } from '../formats/colour.ts';
import { withRun } from '../host/with-run.ts';
import type { Command } from '../options/command.ts';

/** `wwanpi doctor`. Exits 3 when a tool is missing. */
export const doctorCommand: Command = {
  name: 'doctor',
  describe: 'Check programs, disk, memory and servers; print what to install',
  args: [],
  examples: [
    { line: 'wwanpi doctor', describe: 'look at programs, machine and servers' },
    {
      line: 'wwanpi doctor --missing | xargs -r sudo apt-get install -y',
      describe: 'install what is missing',
    },
  ],
  run: async (argv) => {
    const { examineMachine, formatFindings, formatFindingsJson, isComplete, listMissingPackages } =
      await import('./doctor.ts');
    if (argv.missing === true) {
      const packages = await withRun({ report: silentReporter }, (run) => listMissingPackages(run.context));
      process.stdout.write(packages.map((name) => `${name}\n`).join(''));
      return;
    }
    const findings = await withRun({ report: silentReporter }, (run) => examineMachine(run.context));
    // Undefined if the output is not a terminal.
    const columns = (process.stdout.columns as number | undefined) ?? 100;
    process.stdout.write(
      argv.json === true
        ? formatFindingsJson(findings)
        : formatFindings(findings, createPaint(process.stdout), columns),
    );
    if (!isComplete(findings)) throw new ToolMissingError('some host tools are missing (see above)');
  },
};
