import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InterruptedError, ToolFailedError } from '../core/errors.ts';
import { type EthernetUplink, startEthernetUplink } from '../modem/ethernet-uplink.ts';
import { type Modem, startModem } from '../modem/server.ts';
import { type RunningProcess, startProcess } from '../tools/exec.ts';
import { type QemuMachine, qemuArgv } from '../tools/qemu.ts';
import { type ConsoleTerminal, joinSerialConsole } from '../tools/serial-console.ts';
import type { BootOutcome, BootRequest } from './boot-request.ts';
import { endAfterShutdown, type GuestClock, startGuestClock } from './guest-clock.ts';
import { formatCommandLine } from './kernel-words.ts';
import { resume } from './resume.ts';
import { getBehaviour, getDeviceName } from './scenario.ts';
import { describeSnapshotMachine } from './snapshot.ts';
import { type Machine, watchBoot } from './watch-boot.ts';

/**
 * Boots a disk image in QEMU with an emulated modem and watches it until there is a verdict or the time is up. The
 * image's file is only read. QEMU and the modem have ended when this returns, however it returns.
 * @throws InterruptedError when the run is stopped, ToolFailedError when QEMU does not start
 */
export function runBoot(context: Context, request: BootRequest): Promise<BootOutcome> {
  return withMachine(context, request, (machine) => watchBoot(context, request, machine));
}

/**
 * Boots a disk image as `runBoot` does, and joins its console to a terminal until the user has enough or the guest powers
 * off. There is no verdict and no limit of time.
 * @throws InterruptedError when the run is stopped, ToolFailedError when QEMU does not start
 */
export async function runShell(
  context: Context,
  request: BootRequest,
  terminal: ConsoleTerminal,
): Promise<void> {
  const consoleSocket = join(context.tmpDir, 'console.sock');
  const serial = await joinSerialConsole(consoleSocket, terminal);
  try {
    await withMachine(context, { ...request, consoleSocket }, async ({ qemu }) => {
      const how = await Promise.race([serial.ended, qemu.exited]);
      if (context.signal.aborted) throw new InterruptedError('interrupted');
      if (typeof how === 'object' && how.exitCode !== 0) {
        throw new ToolFailedError('QEMU did not run the machine', { detail: how.stderr });
      }
    });
  } finally {
    await serial.close();
  }
}

/** Starts modem and QEMU; both have ended when this returns, however it returns. */
async function withMachine<T>(
  context: Context,
  request: BootRequest,
  use: (machine: Machine) => Promise<T>,
): Promise<T> {
  const paths = {
    console: join(request.logFolder, 'console.log'),
    probe: join(request.logFolder, 'probe.log'),
    socket: join(context.tmpDir, 'modem.sock'),
    cable: join(context.tmpDir, 'cable.sock'),
    second: join(context.tmpDir, 'second.sock'),
    qmp: join(context.tmpDir, 'qmp.sock'),
    state: join(context.tmpDir, 'state.sock'),
  };
  const { scenario, snapshot } = request;
  // Until QEMU has opened its own log, that of an earlier boot in the folder would be read as this boot's.
  await rm(paths.console, { force: true });
  await rm(paths.probe, { force: true });
  if (snapshot !== undefined) {
    await copyFile(snapshot.consolePath, paths.console);
    await copyFile(snapshot.probePath, paths.probe);
  }
  let guest: GuestClock | undefined;
  let modem: Modem | undefined;
  let qemu: RunningProcess | undefined;
  let cable: EthernetUplink | undefined;
  let second: Modem | undefined;
  try {
    guest = await startGuestClock(paths.qmp);
    const { clock } = guest;
    const { ethernet, secondStick: other } = scenario.machine;
    modem = await startModem({
      socketPath: paths.socket,
      behaviour: getBehaviour(scenario, {
        apn: request.apn,
        ...request.setup.credentials,
        pin: request.setup.pin,
      }),
      device: getDeviceName(scenario),
      eventLogPath: join(request.logFolder, 'events.jsonl'),
      clock,
    });
    const onBroken = modem.recordBroken;
    if (ethernet !== false) {
      cable = await startEthernetUplink(paths.cable, {
        ...{ clock, onBroken, isOffline: ethernet === 'offline' },
        eventLogPath: join(request.logFolder, 'cable.jsonl'),
      });
    }
    if (other !== undefined)
      second = await startModem({ socketPath: paths.second, behaviour: other, clock, onBroken });
    // Their events count from power-on.
    if (snapshot !== undefined) guest.advanceTo(snapshot.times.elapsedMs);
    const modems = { modem: paths.socket, ...(second === undefined ? {} : { second: paths.second }) };
    const logs = { consolePath: paths.console, probePath: paths.probe, qmpSocket: paths.qmp };
    const machine =
      snapshot === undefined
        ? describeMachine(request, { ...logs, modems, cable: cable === undefined ? undefined : paths.cable })
        : {
            ...describeSnapshotMachine(request, { ...logs, diskPath: request.diskPath }),
            stateSocket: paths.state,
          };
    const { keepWrites = false } = request;
    qemu = startProcess(qemuArgv({ ...machine, keepWrites }), { signal: context.signal });
    void endAfterShutdown(qemu, guest.shutDown);
    const { console, probe } = paths;
    const running = { modem, qemu, clock, catchUp: guest.catchUp, console, probe };
    if (snapshot === undefined) return await use(running);
    const { statePath, times } = snapshot;
    const { exited } = qemu;
    const resumption = {
      guest,
      exited,
      statePath,
      stateSocket: paths.state,
      scenario,
      probePath: probe,
      modems,
    };
    // Watched from now on; a guest that cannot go on ends that.
    return await Promise.race([use({ ...running, earlier: times }), resume(resumption)]);
  } finally {
    await qemu?.stop();
    await cable?.close();
    await second?.close();
    await modem?.close();
    await guest?.close();
  }
}

/** The machine of a whole boot. */
function describeMachine(request: BootRequest, { modems, cable, ...paths }: MachinePaths): QemuMachine {
  const { kernel, scenario } = request;
  return {
    architecture: kernel.architecture,
    kernelPath: kernel.kernelPath,
    initrdPath: request.initrdPath,
    append: formatCommandLine(request.commandLine, request.rootPartition, scenario, request.setup.stack),
    diskPath: request.diskPath,
    modemSocket: modems.modem,
    ...(modems.second === undefined ? {} : { secondModemSocket: modems.second }),
    ...(request.writeLogPath === undefined ? {} : { writeLogPath: request.writeLogPath }),
    ...(scenario.expected.led === undefined ? {} : { keyboard: true }),
    ...(cable === undefined ? {} : { cableSocket: cable }),
    ...(request.consoleSocket === undefined ? {} : { consoleSocket: request.consoleSocket }),
    ...paths,
  };
}

type MachinePaths = Pick<QemuMachine, 'consolePath' | 'probePath' | 'qmpSocket'> & {
  readonly modems: { readonly modem: string; readonly second?: string };
  readonly cable: string | undefined;
};
