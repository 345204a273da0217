import { silentReporter } from '../core/reporter.ts';
import { withRun } from '../host/with-run.ts';
import type { Command } from '../options/command.ts';

/** `wwanpi inspect IMAGE`: shows the contents of an image without mounting it. */
export const inspectCommand: Command = {
  name: 'inspect',
  describe: 'Show what an image contains: system, network files, units',
  args: [{ name: 'image', required: true, help: 'Raw .img file, made by wwanpi or not' }],
  examples: [{ line: 'wwanpi inspect out/gb-ee.img', describe: 'needs neither root nor a mount' }],
  run: async (argv) => {
    const { formatImageReport, formatImageReportJson, inspectImage } = await import('./inspect.ts');
    const format = argv.json === true ? formatImageReportJson : formatImageReport;
    const text = await withRun({ report: silentReporter }, async () =>
      format(await inspectImage(String(argv.image))),
    );
    process.stdout.write(text);
  },
};
