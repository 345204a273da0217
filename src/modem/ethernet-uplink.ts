import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { parseBehaviour } from './behaviour.ts';
import { type Clock, systemClock } from './clock.ts';
import { openEventFile } from './event-file.ts';
import { createEventLog, type TimedEvent } from './events.ts';
import { createGuard } from './guard.ts';
import { createNetwork } from './network/network.ts';
import { listenAt } from './unix-socket.ts';

/** The network on the far end of a cable: a router with DHCP, DNS and a web page, and no host's network behind it. */
export interface EthernetUplink {
  readonly events: readonly TimedEvent[];
  /** Drops the connection and removes the socket; safe to call twice. */
  close(): Promise<void>;
}

/** A home router's network, which differs from the modem's 10.64.64.8/30. */
const NETWORK = {
  address: '192.168.50.20',
  gateway: '192.168.50.1',
  netmask: '255.255.255.0',
  dns: ['192.168.50.1'],
  operator: 'cable',
  httpBody: 'cable\n',
};

/** What a router without the internet has: a page of its own for whatever is asked. */
const OFFLINE = { httpStatus: 503, httpBody: 'no internet\n' };

/** The far end of a cable. */
export interface UplinkOptions {
  /** The guest's, if its time is not the host's. */
  readonly clock?: Clock;
  /** Told of an error in the emulator itself; by default it is an event of type `broken`. */
  readonly onBroken?: (why: string) => void;
  /** Nothing is behind the router. */
  readonly isOffline?: boolean;
  /** Events go here too, one JSON object a line; overwritten. */
  readonly eventLogPath?: string;
}

/** QEMU's own bound on a frame it sends: NET_BUFSIZE, 4096 + 65536 (include/net/net.h). */
const MAX_FRAME_BYTES = 69_632;
const LENGTH_BYTES = 4;

/**
 * Serves the far end of `-netdev stream,addr.type=unix`: each Ethernet frame follows its length, 32 bits big endian
 * (QEMU 7.2, net/stream.c). The network is emulated like the modem's, with other addresses. Nothing leaves this
 * process, so an image under test cannot reach the host's network.
 * @throws InputError when the socket's path is not usable
 */
export async function startEthernetUplink(
  socketPath: string,
  { clock: ownClock = systemClock, onBroken, isOffline = false, eventLogPath }: UplinkOptions = {},
): Promise<EthernetUplink> {
  const file = openEventFile(eventLogPath);
  const log = createEventLog(ownClock, file.write);
  const guard = createGuard(onBroken ?? ((why) => log.record({ type: 'broken', why })));
  const clock = guard.watch(ownClock);
  const behaviour = parseBehaviour({ network: { ...NETWORK, ...(isOffline ? OFFLINE : {}) } }, 'the cable');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const uplink = createNetwork({
      behaviour,
      clock,
      log,
      send: (frame) => {
        if (!socket.destroyed) socket.write(encodeStreamFrame(frame));
      },
    });
    const split = createFrameSplitter(uplink.input);
    const receive = (chunk: Buffer) => {
      if (!split(chunk)) socket.destroy();
    };
    socket.on('data', (chunk: Buffer) => guard.run(() => receive(chunk)));
    socket.on('error', (error) => log.record({ type: 'peer-error', why: error.message }));
    socket.on('close', () => {
      sockets.delete(socket);
      uplink.reset();
    });
  });
  await listenAt(server, socketPath);
  return {
    events: log.events,
    async close() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise<void>((done) => server.close(() => done()));
      rmSync(socketPath, { force: true });
      file.close();
    },
  };
}

/** A frame with its length, as the stream carries it. */
export function encodeStreamFrame(frame: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

/**
 * Splits the stream into frames; a chunk may end anywhere.
 * @returns a function that takes the next bytes; it returns false once they cannot be QEMU's
 */
export function createFrameSplitter(onFrame: (frame: Buffer) => void): (chunk: Buffer) => boolean {
  let pending = Buffer.alloc(0);
  let broken = false;
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (!broken && pending.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + pending.readUInt32BE(0);
      if (end > LENGTH_BYTES + MAX_FRAME_BYTES) broken = true;
      else if (pending.length < end) break;
      else {
        onFrame(pending.subarray(LENGTH_BYTES, end));
        pending = pending.subarray(end);
      }
    }
    return !broken;
  };
}
