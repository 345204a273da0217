import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from './wait-for.ts';

/** One serial port of a fake modem: its answer to each line. */
export interface FakePort {
  /** Such as `ttyUSB0`. */
  readonly name: string;
  /** USB vendor id of the device it belongs to. */
  readonly vendor: string;
  /** Chunks to send for a line (without its carriage return), 20 ms apart; none is silence, and they may be endless. */
  readonly reply: (line: string) => Iterable<string>;
}

/** The folders that stand for /dev and /sys, and what each port was sent. */
export interface FakePorts {
  readonly dev: string;
  readonly sys: string;
  readonly received: ReadonlyMap<string, string[]>;
}

/** Ports as ptys made by socat, with the sysfs tree that leads from each to its USB device. */
export async function createFakePorts(t: TestContext, ports: readonly FakePort[]): Promise<FakePorts> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-ports-'));
  const children: ChildProcess[] = [];
  const held: number[] = [];
  t.after(async () => {
    for (const fd of held) closeSync(fd);
    await Promise.all(children.map(endChild));
    await rm(folder, { recursive: true, force: true });
  });
  const dev = join(folder, 'dev');
  const sys = join(folder, 'sys');
  await mkdir(dev);
  await mkdir(join(sys, 'class/tty'), { recursive: true });
  const received = new Map<string, string[]>();
  for (const [index, port] of ports.entries()) {
    await addToSys(sys, port, index);
    const lines: string[] = [];
    received.set(port.name, lines);
    const link = join(dev, port.name);
    const child = spawn('socat', [`PTY,link=${link},raw,echo=0`, 'STDIO'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    children.push(child);
    answer(child, port, lines);
    await waitFor(link, () => existsSync(link));
    // Held open, or socat would end when the first program closes the port.
    held.push(openSync(link, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK));
  }
  return { dev, sys, received };
}

function answer(child: ChildProcess, port: FakePort, lines: string[]): void {
  let pending = '';
  let queue = Promise.resolve();
  // The script may be gone before the last chunk is sent.
  child.stdin?.on('error', () => undefined);
  child.stdout?.on('data', (data: Buffer) => {
    pending += data.toString('latin1');
    const parts = pending.split('\r');
    pending = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      queue = queue.then(async () => {
        for (const chunk of port.reply(line)) {
          if (child.killed || child.exitCode !== null) return;
          child.stdin?.write(Buffer.from(chunk, 'latin1'));
          await sleep(20);
        }
      });
    }
  });
}

/** /sys/class/tty/NAME -> devices/…/1-N/1-N:1.0/NAME/tty/NAME, whose `device` is the port; idVendor is at 1-N. */
async function addToSys(sys: string, port: FakePort, index: number): Promise<void> {
  const usb = join(sys, `devices/usb1/1-${index}`);
  const serial = join(usb, `1-${index}:1.0`, port.name);
  const tty = join(serial, 'tty', port.name);
  await mkdir(tty, { recursive: true });
  await writeFile(join(usb, 'idVendor'), `${port.vendor}\n`);
  await symlink('../..', join(tty, 'device'));
  await symlink(tty, join(sys, 'class/tty', port.name));
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.kill();
  });
}
