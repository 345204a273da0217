import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InterruptedError, ToolFailedError } from '../core/errors.ts';
import { type EthernetUplink, startEthernetUplink } from '../modem/ethernet-uplink.ts';
import { type Modem, startModem } from '../modem/server.ts';
import { type RunningProcess, startProcess } from '../tools/exec.ts';
import { qemuArgv } from '../tools/qemu.ts';
import { type ConsoleTerminal, joinSerialConsole } from '../tools/serial-console.ts';
import type { BootOutcome, BootRequest } from './boot-request.ts';
import { endAfterShutdown, type GuestClock, startGuestClock } from './guest-clock.ts';
import { formatCommandLine } from './kernel-words.ts';
import { getBehaviour, getDeviceName } from './scenario.ts';
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
  };
  // Until QEMU has opened its own log, that of an earlier boot in the folder would be read as this boot's.
  await rm(paths.console, { force: true });
  await rm(paths.probe, { force: true });
  let guest: GuestClock | undefined;
  let modem: Modem | undefined;
  let qemu: RunningProcess | undefined;
  let cable: EthernetUplink | undefined;
  let second: Modem | undefined;
  try {
    guest = await startGuestClock(paths.qmp);
    const { clock } = guest;
    const { ethernet, secondStick: other } = request.scenario.machine;
    modem = await startModem({
      socketPath: paths.socket,
      behaviour: getBehaviour(request.scenario, {
        apn: request.apn,
        ...request.setup.credentials,
        pin: request.setup.pin,
      }),
      device: getDeviceName(request.scenario),
      eventLogPath: join(request.logFolder, 'events.jsonl'),
      clock,
    });
    const onBroken = modem.recordBroken;
    if (ethernet !== false) {
      cable = await startEthernetUplink(paths.cable, { clock, onBroken, isOffline: ethernet === 'offline' });
    }
    if (other !== undefined)
      second = await startModem({ socketPath: paths.second, behaviour: other, clock, onBroken });
    qemu = startProcess(
      qemuArgv({
        architecture: request.kernel.architecture,
        kernelPath: request.kernel.kernelPath,
        initrdPath: request.initrdPath,
        append: formatCommandLine(
          request.commandLine,
          request.rootPartition,
          request.scenario,
          request.setup.stack,
        ),
        diskPath: request.diskPath,
        modemSocket: paths.socket,
        ...(second === undefined ? {} : { secondModemSocket: paths.second }),
        ...(request.keepWrites === true ? { keepWrites: true } : {}),
        ...(request.writeLogPath === undefined ? {} : { writeLogPath: request.writeLogPath }),
        ...(request.scenario.expected.led === undefined ? {} : { keyboard: true }),
        ...(cable === undefined ? {} : { cableSocket: paths.cable }),
        consolePath: paths.console,
        ...(request.consoleSocket === undefined ? {} : { consoleSocket: request.consoleSocket }),
        probePath: paths.probe,
        qmpSocket: paths.qmp,
      }),
      { signal: context.signal },
    );
    void endAfterShutdown(qemu, guest.shutDown);
    const { console, probe } = paths;
    return await use({ modem, qemu, clock, console, probe });
  } finally {
    await qemu?.stop();
    await cable?.close();
    await second?.close();
    await modem?.close();
    await guest?.close();
  }
}
