import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { findRawDisk } from '../base/unpack-image.ts';
import { type BootImageRequest, bootImage, openShell } from '../boot/boot-image.ts';
import type { BootReport, MilestoneReport } from '../boot/boot-report.ts';
import type { Wait } from '../boot/boot-request.ts';
import { formatJunit } from '../boot/format-junit.ts';
import type { MilestoneResult } from '../boot/milestone-result.ts';
import type { Milestone, Scenario } from '../boot/scenario.ts';
import type { Context } from '../core/context.ts';
import { BootTestError, InterruptedError, TooBusyError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { printable } from '../formats/printable.ts';
import { formatDuration, formatSeconds } from '../formats/units.ts';
import { checkHostTools } from '../host/check-host-tools.ts';
import type { Purpose } from '../host/host-tools.ts';
import { withRun } from '../host/with-run.ts';
import type { LogFields } from '../report/json-report.ts';
import { printResult } from '../report/print-result.ts';
import { detectFormat } from '../tools/archive.ts';
import type { BootOptions } from './boot-options.ts';

/**
 * Boots, prints live progress to standard error and the result to standard output, and writes the reports.
 * @param isSeen whether both are on one terminal
 * @throws BootTestError naming the milestone that failed, TooBusyError when the host is too slow for a verdict
 */
export async function runBootCommand(options: BootOptions, report: Reporter, isSeen = false): Promise<void> {
  await withRun({ report, cacheDir: options.cacheDir }, async ({ context }) => {
    const format = await detectFormat(options.imagePath);
    const purposes = listBootPurposes(options.scenario);
    await checkHostTools(context, format === 'zst' ? [...purposes, 'flash-zst'] : purposes);
    await mkdir(options.logFolder, { recursive: true });
    const diskPath = await findRawDisk(context, options.imagePath);
    if (options.shell) return runShellCommand(context, { ...options, diskPath });
    const waiting = report.waiting();
    try {
      const result = await bootImage(context, {
        ...options,
        diskPath,
        onWait: (wait) => waiting.update(formatWait(wait), describeWait(wait)),
        onResult: (name, result) => {
          // Where one fails all later ones do. The result names the one that matters.
          const text = result.state === 'failed' ? '' : formatProgress(name, result);
          report.info(text, describeProgress(name, result));
        },
        ...(options.showConsole
          ? { onConsole: (line: string) => report.info(line, { event: 'console' }) }
          : {}),
      });
      waiting.done();
      await writeReports(options, result);
      // On one terminal the milestones that were met are there already, and the error says which one was not.
      printResult(isSeen ? formatVerdict(result) : formatBootReport(result), 'marks');
      if (!result.passed) throw failure(result);
    } catch (error) {
      if (context.signal.aborted) throw new InterruptedError('interrupted; QEMU and the modem have ended');
      throw error;
    } finally {
      waiting.done();
    }
  });
}

async function runShellCommand(context: Context, request: BootImageRequest): Promise<void> {
  const { stdin, stdout } = process;
  const begin = () => {
    context.report.info(
      'The console of the guest: Ctrl-] ends it, and the image stays as it is. The boot takes a minute.',
    );
    context.report.info('Log in with a user and password of the image; a key alone lets nobody in here.');
  };
  try {
    await openShell(context, request, { input: stdin, output: stdout }, begin);
  } finally {
    // The guest may have left a colour or a hidden cursor, in the middle of a line.
    stdout.write('\u001b[0m\u001b[?25h\r\n');
  }
  stdout.write(`Logs: ${request.logFolder}\n`);
}

/** The features a host needs for a scenario; only one that replaces qmicli needs a compiler. */
export function listBootPurposes({ machine }: Scenario): Purpose[] {
  return machine.qmicli === 'image' ? ['boot'] : ['boot', 'boot-broken-libqmi'];
}

const VERDICTS = { passed: 'PASSED', failed: 'FAILED', 'too-busy': 'TOO BUSY' } as const;

/** The end of the result, for whoever has seen the milestones as they were met. */
export function formatVerdict(report: BootReport): string {
  const logs = report.passed ? [`Logs: ${report.logFolder}`] : [];
  const summary = report.passed ? [describeEnd(report)] : [];
  return ['', formatHead(report), ...summary, describeTimes(report), ...logs, ''].join('\n');
}

/** The result as text. */
export function formatBootReport(report: BootReport): string {
  const marks = {
    met: '✓',
    failed: report.verdict === 'failed' ? '✗' : '·',
    'not reached': ' ',
    skipped: '–',
  } as const;
  // "AT^NDISDUP has not come; not within 360 s"
  const cause = report.milestones.find(({ name }) => name === report.failed)?.evidence ?? '';
  const end = /; [^;]*$/.exec(cause)?.[0] ?? '';
  const line = ({ name, state, seconds, evidence }: MilestoneReport) => {
    const time = seconds === null ? '' : `${seconds.toFixed(1)} s`;
    // The boot has ended for it too; what matters is the first.
    const isLater = state === 'failed' && name !== report.failed && end !== '' && evidence.endsWith(end);
    const text = state === 'not reached' ? state : isLater ? evidence.slice(0, -end.length) : evidence;
    return `  ${isLater ? ' ' : marks[state]} ${name.padEnd(14)}${time.padStart(9)}  ${printable(text)}`;
  };
  return [
    '',
    formatHead(report),
    '',
    ...report.milestones.map(line),
    '',
    describeEnd(report),
    describeTimes(report),
    `Logs: ${report.logFolder}`,
    '',
  ].join('\n');
}

function formatHead({ verdict, image, scenario, apn }: BootReport): string {
  return `${VERDICTS[verdict]}  ${basename(image)}, scenario ${scenario}, APN ${printable(apn)}`;
}

function describeEnd({ summary, seconds, snapshotSeconds, kernel }: BootReport): string {
  const from = snapshotSeconds === null ? '' : `, of which ${snapshotSeconds.toFixed(1)} s in a snapshot`;
  return `${printable(summary)} (${seconds.toFixed(1)} s since power-on${from}, ${kernel})`;
}

function describeTimes({ wallSeconds, processorShare }: BootReport): string {
  return `Times are the guest's. Here it took ${formatDuration(wallSeconds)}, at ${formatShare(processorShare)} of a processor.`;
}

function formatProgress(name: Milestone, result: MilestoneResult): string {
  const mark = { met: '✓', failed: '✗', skipped: '–', pending: ' ' }[result.state];
  const time = result.state === 'met' ? formatSeconds(result.atMs) : '';
  return `${time.padStart(8)}  ${mark} ${name}: ${result.evidence}`;
}

function describeProgress(milestone: Milestone, { state, evidence, ...result }: MilestoneResult): LogFields {
  const seconds = 'atMs' in result ? result.atMs / 1000 : undefined;
  return { event: 'milestone', milestone, state, seconds, message: evidence };
}

function formatWait({ milestone, guestMs, limitMs, host }: Wait): string {
  const seconds = (ms: number) => Math.round(ms / 1000);
  const real = formatDuration(seconds(host.wallMs));
  const guest = `${seconds(guestMs)} s of ${seconds(limitMs)} s in the guest`;
  return `waiting for ${milestone}: ${guest}, ${real} here at ${formatShare(host.processorShare)} of a processor`;
}

function describeWait({ milestone, guestMs, limitMs, host }: Wait): LogFields {
  return {
    event: 'waiting',
    milestone,
    seconds: guestMs / 1000,
    limitSeconds: limitMs / 1000,
    wallSeconds: host.wallMs / 1000,
    processorShare: host.processorShare,
  };
}

function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}

async function writeReports(options: BootOptions, report: BootReport): Promise<void> {
  const files = [
    [options.reportPath, () => formatJunit([report])],
    [options.jsonPath, () => `${JSON.stringify(report, null, 2)}\n`],
  ] as const;
  for (const [path, format] of files) {
    if (path === undefined) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, format());
  }
}

function failure(report: BootReport): BootTestError | TooBusyError {
  if (report.verdict === 'too-busy') {
    return new TooBusyError(
      `${basename(report.image)}: no verdict on "${report.scenario}": ${report.summary}`,
      {
        hint: 'run it again on an idle machine, or allow more real time with --wall-timeout',
      },
    );
  }
  return new BootTestError(`${basename(report.image)} did not pass "${report.scenario}": ${report.summary}`, {
    ...(report.lastLines.length === 0 ? {} : { detail: report.lastLines.join('\n') }),
    hint: `the logs are in ${report.logFolder}`,
  });
}
