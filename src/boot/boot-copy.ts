import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { VerificationError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { copyDisk } from '../image/copy-base.ts';
import { checkExt4, replayJournal } from '../tools/disk/ext4.ts';
import { checkFat, writeFat } from '../tools/disk/fat.ts';
import type { BootOutcome, BootRequest } from './boot-request.ts';
import { findTakenCommand } from './evaluate-stick.ts';
import { findSecrets } from './find-secrets.ts';
import { putProbe, readImageKernel } from './image-kernel.ts';
import { readStatusFile } from './read-status-file.ts';
import { runBoot } from './run-boot.ts';
import { listPowerCuts } from './scenario.ts';

/** Whether a boot is of a copy that keeps what is written: because of what comes before it, or what is read after it. */
export function needsCopy({ scenario, setup }: BootRequest): boolean {
  const { machine, expected } = scenario;
  return (
    listPowerCuts(scenario).length > 0 ||
    machine.set !== undefined ||
    machine.kernel === 'image' ||
    (expected.statusFile !== undefined && setup.hasStatusFile)
  );
}

/**
 * Boots a copy of the image, on which somebody may have edited wwanpi.txt before. Its power is cut at each of the
 * scenario's moments; the last boot runs on to its verdict. Then fsck.fat must find no error in the boot file system and,
 * after power cuts, e2fsck none in the root file system once the journal is replayed.
 */
export async function bootCopy(
  context: Context,
  disk: Disk,
  boot: BootRequest,
  card: Uint8Array | undefined,
): Promise<BootOutcome> {
  return withCopy(context, disk, card, async (copy) => {
    const own = boot.scenario.machine.kernel === 'image' ? await useImageKernel(context, copy, boot) : {};
    const writing = { ...boot, ...own, diskPath: copy.path, keepWrites: true };
    const cuts = listPowerCuts(boot.scenario);
    let sentBefore: string | undefined;
    for (const cutPower of cuts) {
      const outcome = await runBoot(context, { ...writing, cutPower });
      if (!outcome.verdict.passed) return outcome;
      context.report.info(outcome.verdict.summary);
      sentBefore ??= findTakenCommand(outcome.record.events, boot.apn);
    }
    const sent = sentBefore === undefined ? {} : { sentBefore };
    const outcome = await runBoot(context, { ...writing, ...sent, statusFileOn: copy });
    const shown = await readStatusFile(copy);
    if (shown !== undefined) await writeFile(join(boot.logFolder, 'wwanpi-status.txt'), `${shown}\n`);
    const { verdict } = outcome;
    if (!verdict.passed) return outcome;
    const faults = await examine(context, copy, boot, outcome, cuts.length > 0);
    const times = cuts.length === 1 ? 'a power cut' : `${cuts.length} power cuts`;
    const after = cuts.length === 0 ? '' : ` after ${times}, the file systems clean`;
    return faults.length === 0
      ? { ...outcome, verdict: { passed: true, summary: `${verdict.summary}${after}` } }
      : {
          ...outcome,
          verdict: { passed: false, milestone: 'fetch', summary: `${verdict.summary}; ${faults.join('; ')}` },
        };
  });
}

/** What the image's own firmware would start, and the probe on the copy, which only our initramfs brings. */
async function useImageKernel(context: Context, copy: Disk, { kernel }: BootRequest) {
  const { name, kernelPath, initrdPath } = await readImageKernel(context, copy, kernel.architecture);
  await putProbe(context, copy, kernel);
  return { kernel: { ...kernel, version: `the image's ${name}`, kernelPath }, initrdPath };
}

/** Gives `use` a copy of the disk, with wwanpi.txt as edited, and removes it. */
export async function withCopy<T>(
  context: Context,
  disk: Disk,
  card: Uint8Array | undefined,
  use: (copy: Disk) => Promise<T>,
): Promise<T> {
  const copy = await copyDisk(context, disk, join(context.tmpDir, 'boot-copy.img'));
  try {
    if (card !== undefined) {
      const write = { kind: 'write', path: '/wwanpi.txt', content: card } as const;
      await writeFat(context, copy, [write], Math.floor(Date.now() / 1000));
    }
    return await use(copy);
  } finally {
    await rm(copy.path, { force: true });
  }
}

/** What is wrong on the copy after its last boot, whose power was cut, too. */
async function examine(
  context: Context,
  copy: Disk,
  { scenario }: BootRequest,
  { record }: BootOutcome,
  wasCut: boolean,
): Promise<string[]> {
  const { set } = scenario.machine;
  const inBoot = await findErrors(checkFat(context, copy, 'after a power cut'));
  if (!wasCut && set === undefined) return inBoot;
  await replayJournal(context, copy);
  const inRoot = await findErrors(checkExt4(context, copy));
  return [...inBoot, ...inRoot, ...(await findSecrets(copy, set ?? {}, record))];
}

async function findErrors(check: Promise<void>): Promise<string[]> {
  return check.then(
    () => [],
    (error: unknown) => {
      if (error instanceof VerificationError) return [error.detail ?? error.message];
      throw error;
    },
  );
}
