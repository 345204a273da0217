import type { CommandModule } from 'yargs';
import { silentReporter } from '../core/reporter.ts';
import { withRun } from '../host/with-run.ts';

/** `wwanpi inspect IMAGE`: what an image holds, without mounting it. */
export const inspectCommand: CommandModule = {
  command: 'inspect <image>',
  describe: 'Show what an image holds: partitions, system, libqmi, network files, units',
  builder: (yargs) =>
    yargs
      .positional('image', { type: 'string', describe: 'A raw .img file, of wwanpi or not' })
      .option('json', { type: 'boolean', default: false, describe: 'Print it as JSON' })
      .example('$0 inspect out/gb-ee.img', 'needs neither root nor a mount')
      .strict(),
  handler: async (argv) => {
    const { formatImageReport, formatImageReportJson, inspectImage } = await import('./inspect.ts');
    const format = argv.json === true ? formatImageReportJson : formatImageReport;
    const text = await withRun({ report: silentReporter }, async () =>
      format(await inspectImage(String(argv.image))),
    );
    process.stdout.write(text);
  },
};
