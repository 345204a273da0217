import { InterruptedError } from '../core/errors.ts';
import { getExitCode } from '../core/exit-codes.ts';
import { withRun } from '../host/with-run.ts';
import type { Command } from '../options/command.ts';
import { createReporter } from '../report/choose-reporter.ts';
import { pageResult, printResult } from '../report/print-result.ts';

/** `wwanpi diff A B`. The exit code is that of diff(1): 0 same, 1 different, 2 and above trouble. */
export const diffCommand: Command = {
  name: 'diff',
  describe: 'Show what differs between two images, file by file',
  args: [
    {
      name: 'before',
      required: true,
      names: 'base',
      help: 'A .img, .img.xz, .img.zst, .img.gz or .zip file, or the name of a base',
    },
    { name: 'after', required: true, names: 'base', help: 'Image to compare it with' },
  ],
  examples: [
    {
      line: 'wwanpi diff debian-bookworm out/wwanpi-debian-bookworm-internet.img',
      describe: 'what a build changed',
    },
    {
      line: 'wwanpi diff --stat old/us-metropcs.img.xz out/us-metropcs.img.xz',
      describe: 'two releases of an image',
    },
  ],
  epilogue: 'Exit code 0: they are the same; 1: they differ.',
  run: async (argv) => {
    const { diffImages, formatDiff, formatDiffJson, isSame } = await import('./diff.ts');
    const report = createReporter(argv, { rowsOnly: true });
    const print = argv.pager === false ? printResult : pageResult;
    const [before, after] = [String(argv.before), String(argv.after)];
    const options = { ignoreTimes: argv.ignoreTimes === true };
    const result = await withRun({ report }, ({ context }) =>
      diffImages(context, before, after, options).catch((error: unknown) => {
        throw context.signal.aborted ? new InterruptedError('interrupted') : error;
      }),
    );
    if (argv.json === true) printResult(formatDiffJson(result), 'json');
    else await print(formatDiff(result, argv.stat === true), 'diff');
    if (!isSame(result)) process.exitCode = getExitCode('different');
  },
};
