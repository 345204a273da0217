import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ToolFailedError } from '../core/errors.ts';
import { listenAt } from '../modem/unix-socket.ts';
import type { Qmp } from './qmp.ts';

/** What these functions need of QEMU's control channel. */
export type QemuOrders = Pick<Qmp, 'order'>;

/** A file that the host sets no limit to; the default is 128 MB/s (qapi/migration.json, max-bandwidth). */
const MAX_BYTES_PER_SECOND = 1e12;
const ASK_EVERY_MS = 20;

const statusSchema = z.object({ status: z.string() });
const migrationSchema = z.object({ status: z.string().optional() });

/**
 * Stops a guest and writes its memory, its processor and its devices to a new file, as `-incoming` reads them (QEMU 7.2,
 * docs/devel/migration.rst). Only its owner can read it. The disk is not in it: its file is whole once QEMU has ended.
 * The guest stays stopped.
 * @param socketPath a unix socket to use meanwhile: QEMU's own `exec:` would start a shell, and it has no `file:` yet
 * @throws ToolFailedError with QEMU's reason
 */
export async function saveState(qmp: QemuOrders, path: string, socketPath: string): Promise<void> {
  const server = createServer();
  const written = once(server, 'connection').then(([peer]) =>
    pipeline(peer as Socket, createWriteStream(path, { mode: 0o600 })),
  );
  written.catch(() => undefined);
  try {
    await qmp.order('stop');
    await listenAt(server, socketPath);
    await qmp.order('migrate-set-parameters', { 'max-bandwidth': MAX_BYTES_PER_SECOND });
    await qmp.order('migrate', { uri: `unix:${socketPath}` });
    await waitFor(async () => {
      const { status } = migrationSchema.parse(await qmp.order('query-migrate'));
      if (status === 'failed') throw new ToolFailedError('QEMU could not write the state of its guest');
      return status === 'completed';
    });
    await written;
  } finally {
    server.close();
  }
}

/**
 * Gives the state in the file to a QEMU that was started with `stateSocket` (`qemuArgv`) and the same machine. The
 * guest is there then and stopped; `cont` lets it go on.
 * @throws ToolFailedError when QEMU does not take it
 */
export async function loadState(qmp: QemuOrders, path: string, socketPath: string): Promise<void> {
  // An answer: QEMU has opened its sockets by now.
  await qmp.order('query-status');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), connect(socketPath)).catch(
    (cause) => {
      throw new ToolFailedError('QEMU did not take the state of the guest', { cause });
    },
  );
  await waitFor(async () => statusSchema.parse(await qmp.order('query-status')).status !== 'inmigrate');
}

/** Plugs a device into a running or stopped guest that a usbredir server at the socket emulates. */
export async function plugInRedirected(qmp: QemuOrders, id: string, socketPath: string): Promise<void> {
  const addr = { type: 'unix', data: { path: socketPath } };
  await qmp.order('chardev-add', { id, backend: { type: 'socket', data: { addr, server: false } } });
  await qmp.order('device_add', { driver: 'usb-redir', id: `usb-${id}`, chardev: id, bus: 'xhci.0' });
}

/** Adds a virtio port that carries nothing but its name, which the guest reads in /sys/class/virtio-ports. */
export async function addNamedPort(qmp: QemuOrders, name: string): Promise<void> {
  await qmp.order('device_add', { driver: 'virtserialport', id: 'named-port', name });
}

/** QEMU ends a wait itself: an order to one that has ended throws. */
async function waitFor(isDone: () => Promise<boolean>): Promise<void> {
  while (!(await isDone())) await sleep(ASK_EVERY_MS);
}
