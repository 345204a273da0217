import type { Context } from '../core/context.ts';
import type { Disk } from '../core/model.ts';
import { isCardKey } from '../formats/card-settings/keys.ts';
import { openDisk } from '../image/open-disk.ts';
import { readSystem } from '../image/read-system.ts';
import type { ConsoleTerminal } from '../tools/serial-console.ts';
import { bootCopy, needsCopy, withCopy } from './boot-copy.ts';
import { type BootReport, reportBoot } from './boot-report.ts';
import type { BootRequest, Wait } from './boot-request.ts';
import { editCard } from './card-edit.ts';
import { measureIdle } from './evaluate-stability.ts';
import { fitScenario } from './fit-scenario.ts';
import { findWholeBootReason } from './fit-snapshot.ts';
import { makeBootInitrd } from './make-boot-initrd.ts';
import type { MilestoneResult } from './milestone-result.ts';
import { prepareGuestKernel } from './prepare-guest-kernel.ts';
import { readExpectations } from './read-expectations.ts';
import { runBoot, runShell } from './run-boot.ts';
import type { Milestone, Scenario } from './scenario.ts';
import { findSnapshot } from './snapshot.ts';
import { takeSnapshot } from './take-snapshot.ts';

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
  /** Start from a snapshot of the booted guest where the scenario does not test the boot itself. */
  readonly fromSnapshot?: boolean;
  readonly onResult?: (name: Milestone, result: MilestoneResult) => void;
  readonly onConsole?: (line: string) => void;
  readonly onWait?: (wait: Wait) => void;
}

/**
 * Boots an image with an emulated modem and decides whether it comes online as its own files say it should.
 * @throws InputError when the image cannot be tested, NetworkError when no kernel can be fetched
 */
export async function bootImage(context: Context, request: BootImageRequest): Promise<BootReport> {
  const prepared = await prepareBoot(context, request);
  const { disk, boot, card } =
    request.fromSnapshot === true ? await startFromSnapshot(context, prepared) : prepared;
  const { scenario } = boot;
  const outcome = needsCopy(boot) ? await bootCopy(context, disk, boot, card) : await runBoot(context, boot);
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

/** The boot from a snapshot, and the snapshot's disk; the same boot, after a line that says why, where that cannot be. */
async function startFromSnapshot(context: Context, prepared: PreparedBoot): Promise<PreparedBoot> {
  const { disk, boot } = prepared;
  const reason = findWholeBootReason(boot.scenario, boot.setup);
  if (reason !== undefined) {
    context.report.info(`${boot.scenario.name} boots the image whole: ${reason}`);
    return prepared;
  }
  const snapshot = await findSnapshot(context, disk, boot, (folder) =>
    takeSnapshot(context, disk, boot, folder),
  );
  if (snapshot === undefined) return prepared;
  const { diskPath } = snapshot;
  return { ...prepared, disk: await openDisk(diskPath), boot: { ...boot, diskPath, snapshot } };
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
  const { disk, boot, card } = await prepareBoot(context, request);
  if (card === undefined) {
    begin();
    return runShell(context, boot, terminal);
  }
  return withCopy(context, disk, card, (copy) => {
    begin();
    return runShell(context, { ...boot, diskPath: copy.path }, terminal);
  });
}

/** A boot that is ready to run. */
export interface PreparedBoot {
  readonly disk: Disk;
  readonly boot: BootRequest;
  /** wwanpi.txt as the scenario has it edited, if it does. */
  readonly card: Uint8Array | undefined;
}

/**
 * Reads what the image is set up to do, fits the scenario to it, and makes the kernel and the initramfs ready.
 * @throws as `bootImage`
 */
export async function prepareBoot(context: Context, request: BootImageRequest): Promise<PreparedBoot> {
  const { scenario } = request;
  const disk = await openDisk(request.diskPath);
  const system = await readSystem(disk);
  const values = Object.entries(scenario.machine.set ?? {}).flatMap(([key, value]) =>
    isCardKey(key) ? [[key, value] as const] : [],
  );
  const card = values.length === 0 ? undefined : await editCard(disk, new Map(values));
  const text = card === undefined ? undefined : Buffer.from(card).toString('utf8');
  const { commandLine, ...setup } = await readExpectations(disk, system, text);
  const fitted = fitScenario(scenario, setup);
  const apn = request.apn ?? setup.apn;
  const done = context.report.step('Kernel');
  const kernel = await prepareGuestKernel(context, system.architecture);
  const initrdPath = await makeBootInitrd(context, kernel, scenario.machine.qmicli);
  done(kernel.version);
  const rootPartition = disk.layout.root.number;
  return {
    disk,
    card,
    boot: { ...request, scenario: fitted, setup, apn, rootPartition, commandLine, kernel, initrdPath },
  };
}
