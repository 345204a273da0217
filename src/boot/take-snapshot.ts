import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../core/context.ts';
import { InterruptedError, TooBusyError, ToolFailedError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { copyDisk } from '../image/copy-base.ts';
import { type RunningProcess, startProcess } from '../tools/exec.ts';
import { describeQemuEnd, qemuArgv } from '../tools/qemu.ts';
import { saveState } from '../tools/qemu-state.ts';
import { bootDoneAt, findCollapse } from './boot-record.ts';
import type { BootRequest } from './boot-request.ts';
import { endAfterShutdown, startGuestClock } from './guest-clock.ts';
import { type HostWatch, watchHost } from './host-watch.ts';
import { createRecorder, type EarlierTimes, type Recorder } from './recorder.ts';
import { describeSnapshotMachine } from './snapshot.ts';
import { SNAPSHOT_FILES } from './snapshot-files.ts';

/** Of the guest's time. An image that makes its SSH host keys at its first start needs some minutes. */
const LIMIT_MS = 900_000;
/** After the boot, what it has started in the background comes to rest. */
const SETTLE_MS = 5000;
const LOOK_EVERY_MS = 250;

/**
 * Boots a copy of an image without a modem until the system is up and waits for one, and fills the folder with the files
 * of a snapshot.
 * @throws ToolFailedError when the guest does not come so far, TooBusyError when the host is too slow to tell,
 *   InterruptedError when the run is stopped
 */
export async function takeSnapshot(
  context: Context,
  image: Disk,
  boot: BootRequest,
  folder: string,
): Promise<void> {
  const at = (name: keyof typeof SNAPSHOT_FILES) => join(folder, SNAPSHOT_FILES[name]);
  await copyDisk(context, image, at('disk'));
  // An image may hold a PIN and passwords.
  await chmod(at('disk'), 0o600);
  const paths = { diskPath: at('disk'), consolePath: at('console'), probePath: at('probe') };
  const qmpSocket = join(context.tmpDir, 'qmp.sock');
  const guest = await startGuestClock(qmpSocket);
  const { clock, catchUp } = guest;
  let qemu: RunningProcess | undefined;
  const recorder = createRecorder({ clock, catchUp, console: at('console'), probe: at('probe') });
  try {
    const machine = describeSnapshotMachine(boot, { ...paths, qmpSocket });
    qemu = startProcess(qemuArgv({ ...machine, keepWrites: true }), { signal: context.signal });
    void endAfterShutdown(qemu, guest.shutDown);
    const host = watchHost(clock, qemu.pid, boot.wallTimeoutMs);
    await waitUntilUp(context, qemu, recorder, host);
    await saveState(guest, at('state'), join(context.tmpDir, 'state.sock'));
    const { elapsedMs, console, probe } = await recorder.read(undefined);
    const times: EarlierTimes = {
      elapsedMs,
      console: console.map(({ t }) => t),
      probe: probe.map(({ t }) => t),
    };
    await writeFile(at('times'), JSON.stringify(times));
  } finally {
    // By SIGTERM, at which QEMU writes its disk's last blocks.
    await qemu?.stop();
    await recorder.close();
    await guest.close();
  }
}

async function waitUntilUp(
  context: Context,
  qemu: RunningProcess,
  recorder: Recorder,
  host: HostWatch,
): Promise<void> {
  let ended: string | undefined;
  void qemu.exited.then((end) => {
    ended = describeQemuEnd(end);
  });
  for (;;) {
    if (context.signal.aborted) throw new InterruptedError('interrupted');
    const record = await recorder.read(ended);
    const doneAt = bootDoneAt(record);
    if (doneAt !== undefined && record.elapsedMs >= doneAt + SETTLE_MS) return;
    const late = record.elapsedMs < LIMIT_MS ? undefined : `it was not up within ${LIMIT_MS / 1000} s`;
    const why = findCollapse(record) ?? record.ended ?? late;
    if (why !== undefined) throw new ToolFailedError(`there is no snapshot of it: ${why}`);
    const stall = await host.findStall();
    if (stall !== undefined) {
      throw new TooBusyError(`no snapshot: ${stall}`, { hint: 'run it again on an idle machine' });
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal }).catch(() => undefined);
  }
}
