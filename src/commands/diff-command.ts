import type { CommandModule } from 'yargs';
import { InterruptedError } from '../core/errors.ts';
import { withRun } from '../host/with-run.ts';
import { createReporter } from '../report/choose-reporter.ts';

/** `wwanpi diff A B`. Its answer is the exit code too, as diff(1)'s is: 0 the same, 1 different, 2 and above trouble. */
export const diffCommand: CommandModule = {
  command: 'diff <before> <after>',
  describe: 'Show what differs between two images, file by file; exits 1 when something does',
  builder: (yargs) =>
    yargs
      .positional('before', { type: 'string', describe: 'A .img, .img.xz, .img.gz or .zip file, or a base' })
      .positional('after', { type: 'string', describe: 'The image to compare it with' })
      .options({
        stat: { type: 'boolean', default: false, describe: 'A line for each file, without the texts' },
        'ignore-times': {
          type: 'boolean',
          default: false,
          describe: 'Not count times of modification as differences',
        },
        json: { type: 'boolean', default: false, describe: 'As JSON, for programs' },
      })
      .example('$0 diff debian-bookworm out/wwanpi-debian-bookworm-internet.img', 'what a build changed')
      .example('$0 diff --stat old/us-metropcs.img.xz out/us-metropcs.img.xz', 'two releases of an image')
      .strict(),
  handler: async (argv) => {
    const { diffImages, formatDiff, formatDiffJson, isSame } = await import('./diff.ts');
    const report = createReporter({ ...argv, quiet: true });
    const [before, after] = [String(argv.before), String(argv.after)];
    const options = { ignoreTimes: argv.ignoreTimes === true };
    const result = await withRun({ report }, ({ context }) =>
      diffImages(context, before, after, options).catch((error: unknown) => {
        throw context.signal.aborted ? new InterruptedError('interrupted') : error;
      }),
    );
    process.stdout.write(
      argv.json === true ? formatDiffJson(result) : formatDiff(result, argv.stat === true),
    );
    if (!isSame(result)) process.exitCode = 1;
  },
};
