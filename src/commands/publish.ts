import { InterruptedError } from '../core/errors.ts';
import { formatBytes, formatDuration } from '../formats/units.ts';
import { withRun } from '../host/with-run.ts';
import { type PublishResult, publishRelease } from '../publish/publish-release.ts';
import { createReporter } from '../report/choose-reporter.ts';
import { parsePublishOptions } from './publish-options.ts';

/** Runs `wwanpi publish`: parses the options, publishes, prints the result. */
export async function runPublishCommand(argv: Readonly<Record<string, unknown>>): Promise<void> {
  const request = await parsePublishOptions(argv, process.env);
  const report = createReporter(argv);
  const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
  const result = await withRun({ report, cacheDir }, async ({ context }) => {
    try {
      return await publishRelease(context, request);
    } catch (error) {
      if (!context.signal.aborted) throw error;
      throw new InterruptedError('interrupted; the partial uploads are on the server as .part files', {
        hint: 'the same command resumes the upload',
      });
    }
  });
  process.stdout.write(
    argv.json === true
      ? `${JSON.stringify({ ...result, dryRun: request.dryRun }, undefined, 2)}\n`
      : formatResult(result, request.dryRun),
  );
}

function formatResult(result: PublishResult, dryRun: boolean): string {
  const lines = [
    ...result.sent.map((name) => `  ${dryRun ? 'to send  ' : 'sent     '} ${name}`),
    ...result.unchanged.map((name) => `  unchanged ${name}`),
    ...result.removed.map((name) => `  ${dryRun ? 'to remove' : 'removed  '} ${name}`),
  ];
  const sent = dryRun
    ? 'nothing was changed'
    : `${formatBytes(result.sentBytes)} sent in ${formatDuration(result.seconds)}`;
  return `\n${lines.join('\n')}\n\n${result.target}: ${sent}\n`;
}
