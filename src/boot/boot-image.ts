import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError, VerificationError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { copyDisk } from '../image/copy-base.ts';
import { openDisk } from '../image/open-disk.ts';
import { checkExt4, replayJournal } from '../tools/disk/ext4.ts';
import type { ConsoleTerminal } from '../tools/serial-console.ts';
import { type BootReport, reportBoot } from './boot-report.ts';
import type { BootOutcome, BootRequest, Wait } from './boot-request.ts';
import { measureIdle } from './evaluate-stability.ts';
import { makeBootInitrd } from './make-boot-initrd.ts';
import type { MilestoneResult } from './milestone-result.ts';
import { prepareGuestKernel } from './prepare-guest-kernel.ts';
import { readExpectations } from './read-expectations.ts';
import { runBoot, runShell } from './run-boot.ts';
import type { Milestone, Scenario } from './scenario.ts';

/** One run of `wwanpi boot`. */
export interface BootImageRequest {
  /** For the report. */
  readonly imagePath: string;
  /** The raw disk: the image itself, or what it was unpacked to. */
  readonly diskPath: string;
  readonly scenario: Scenario;
  /** The APN that the image should use; by default the one it does use. */
  readonly apn: string | undefined;
  /** Of the guest's time. */
  readonly timeoutMs: number;
  /** Of real time. */
  readonly wallTimeoutMs: number;
  readonly logFolder: string;
  readonly onResult?: (name: Milestone, result: MilestoneResult) => void;
  readonly onConsole?: (line: string) => void;
  readonly onWait?: (wait: Wait) => void;
}

/**
 * Boots an image with an emulated modem and decides whether it comes online as its own files say it should.
 * @throws InputError when the image cannot be tested, NetworkError when no kernel can be fetched
 */
export async function bootImage(context: Context, request: BootImageRequest): Promise<BootReport> {
  const { scenario } = request;
  const { disk, boot } = await prepareBoot(context, request);
  const cuts = scenario.machine.powerCutsMs ?? [];
  const outcome =
    cuts.length === 0 ? await runBoot(context, boot) : await bootAfterCuts(context, disk, boot, cuts);
  const { name, description } = scenario;
  return reportBoot(outcome, {
    image: request.imagePath,
    scenario: name,
    description,
    apn: boot.apn,
    kernel: boot.kernel.version,
    logFolder: request.logFolder,
    quiet: measureIdle(scenario, outcome.record) ?? null,
  });
}

/**
 * Boots an image with an emulated modem, and joins its console to a terminal.
 * @param begin called when all is ready, before the terminal is the guest's
 * @throws as `bootImage`
 */
export async function openShell(
  context: Context,
  request: BootImageRequest,
  terminal: ConsoleTerminal,
  begin: () => void,
): Promise<void> {
  const { boot } = await prepareBoot(context, request);
  begin();
  await runShell(context, boot, terminal);
}

async function prepareBoot(
  context: Context,
  request: BootImageRequest,
): Promise<{ readonly disk: Disk; readonly boot: BootRequest }> {
  const { scenario } = request;
  const disk = await openDisk(request.diskPath);
  const { commandLine, ...setup } = await readExpectations(disk);
  if (scenario.network.credentials && setup.credentials === undefined) {
    throw new InputError(`the scenario ${scenario.name} needs an image with a user and password`, {
      hint: 'wwanpi build --apn … --apn-user … makes one',
    });
  }
  const apn = request.apn ?? setup.apn;
  const done = context.report.step('Kernel');
  const kernel = await prepareGuestKernel(context);
  const initrdPath = await makeBootInitrd(context, kernel, scenario.machine.qmicli);
  done(kernel.version);
  if (scenario.network.pin !== undefined && setup.pin === undefined) {
    throw new InputError(`the scenario ${scenario.name} needs an image with the SIM's PIN`, {
      hint: 'wwanpi build --apn … --pin … makes one',
    });
  }
  const { expected } = scenario;
  if (
    expected.verdict === 'online' &&
    expected.firstBootWithinMs !== undefined &&
    setup.firstBoot === undefined
  ) {
    throw new InputError(`the scenario ${scenario.name} needs an image with packages or scripts of its own`, {
      hint: 'wwanpi build --apn … --package … makes one',
    });
  }
  const rootPartition = disk.layout.root.number;
  return { disk, boot: { ...request, setup, apn, rootPartition, commandLine, kernel, initrdPath } };
}

/**
 * Boots a copy of the image and cuts its power at each of the moments; the last boot runs on to its verdict. Then the
 * journal is replayed, and e2fsck must find no error in the root file system.
 */
async function bootAfterCuts(
  context: Context,
  disk: Disk,
  boot: BootRequest,
  cutsMs: readonly number[],
): Promise<BootOutcome> {
  const copy = await copyDisk(context, disk, join(context.tmpDir, 'power-cut.img'));
  try {
    const writing = { ...boot, diskPath: copy.path, keepWrites: true };
    for (const cutPowerAtMs of cutsMs) {
      const cut = await runBoot(context, { ...writing, cutPowerAtMs });
      if (!cut.verdict.passed) return cut;
      context.report.info(cut.verdict.summary);
    }
    const outcome = await runBoot(context, writing);
    if (!outcome.verdict.passed) return outcome;
    await replayJournal(context, copy);
    const clean = await checkExt4(context, copy).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof VerificationError) return error.detail ?? error.message;
        throw error;
      },
    );
    const summary = `${outcome.verdict.summary} after ${cutsMs.length} power cuts`;
    return clean === undefined
      ? { ...outcome, verdict: { passed: true, summary: `${summary}, the file system clean` } }
      : {
          ...outcome,
          verdict: { passed: false, milestone: 'fetch', summary: `${summary}; e2fsck: ${clean}` },
        };
  } finally {
    await rm(copy.path, { force: true });
  }
}
