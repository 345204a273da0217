import { withRun } from '../host/with-run.ts';
import type { Command } from '../options/command.ts';
import { createReporter } from '../report/choose-reporter.ts';
import { printResult } from '../report/print-result.ts';

/** `wwanpi inspect IMAGE`: shows the contents of an image without mounting it. */
export const inspectCommand: Command = {
  name: 'inspect',
  describe: 'Show what an image contains: system, network files, units',
  args: [
    {
      name: 'image',
      help: 'A .img, .img.xz, .img.zst, .img.gz or .zip file, made by wwanpi or not [the one in out/, or asks]',
    },
  ],
  examples: [{ line: 'wwanpi inspect out/gb-ee.img', describe: 'needs neither root nor a mount' }],
  run: async (argv) => {
    const { formatImageReport, formatImageReportJson, inspectImage } = await import('./inspect.ts');
    const { chooseImage } = await import('./choose-image.ts');
    const format = argv.json === true ? formatImageReportJson : formatImageReport;
    const report = createReporter(argv);
    const text = await withRun({ report }, async ({ context }) => {
      const image = argv.image ?? (await chooseImage('wwanpi inspect IMAGE', context));
      return format(await inspectImage(context, String(image)));
    });
    printResult(text, argv.json === true ? 'json' : 'marks');
  },
};
