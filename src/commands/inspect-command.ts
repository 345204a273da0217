import type { CommandModule } from 'yargs';
import { withRun } from '../host.ts';
import { silentReporter } from '../report.ts';

/** `wwanpi inspect IMAGE`. */
export const inspectCommand: CommandModule<unknown, { image: string; json: boolean }> = {
  command: 'inspect <image>',
  describe: 'Show what is in an image: partitions, system, libqmi, network files, units',
  builder: (yargs) =>
    yargs
      .positional('image', { type: 'string', demandOption: true, describe: 'A raw .img file' })
      .option('json', { type: 'boolean', default: false, describe: 'Print it as JSON' })
      .strict(),
  handler: async ({ image, json }) => {
    const { formatImageReport, formatImageReportJson, inspectImage } = await import('./inspect.ts');
    const report = await withRun({ report: silentReporter }, (run) => inspectImage(run.context, image));
    process.stdout.write(json ? formatImageReportJson(report) : formatImageReport(report));
  },
};
