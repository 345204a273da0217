import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Argv } from '../core/exec.ts';
import { type Behaviour, type BehaviourInput, parseBehaviour } from './behaviour.ts';
import { type Clock, systemClock } from './clock.ts';
import { DEVICE_MODELS } from './device-models.ts';
import type { DeviceName } from './devices.ts';
import { openEventFile } from './event-file.ts';
import { createEventLog, type EventLog, type TimedEvent } from './events.ts';
import { createGuard } from './guard.ts';
import { createMbimSplitter } from './mbim/message.ts';
import { createQmuxSplitter } from './qmi/qmux.ts';
import { createStick } from './stick.ts';
import { listenAt } from './unix-socket.ts';
import type { UsbDevice } from './usb/device.ts';
import { ProtocolError } from './usbredir/codec.ts';
import { createSession, type Session } from './usbredir/session.ts';

/** Where a modem listens and how it behaves. */
export interface ModemOptions {
  /** Unix socket for QEMU: `-chardev socket,id=modem,path=… -device usb-redir,chardev=modem,bus=xhci.0`. */
  readonly socketPath?: string;
  readonly behaviour?: BehaviourInput | Behaviour;
  /** Which device it is; by default `e397u`. */
  readonly device?: DeviceName;
  /** Events go here too, one JSON object a line; overwritten. */
  readonly eventLogPath?: string;
  readonly clock?: Clock;
  /** Told of an error in the emulator itself; left out, it is an event of type `broken`. */
  readonly onBroken?: (why: string) => void;
}

/** A running emulated modem. */
export interface Modem {
  readonly behaviour: Behaviour;
  readonly events: readonly TimedEvent[];
  subscribe(listener: (event: TimedEvent) => void): () => void;
  /** Starts the behaviour's time; the first connection does so too. */
  powerOn(): void;
  plug(): void;
  unplug(): void;
  /** Records that another emulator of the same boot broke. */
  recordBroken(why: string): void;
  /** Listens for one stream of QMI, or of MBIM, as on /dev/cdc-wdm0. For `ptyArgv`. */
  serveControl(socketPath: string): Promise<void>;
  /** Listens for one AT stream, as on /dev/ttyUSB0 (modem) or ttyUSB2 (pcui). For `ptyArgv`. */
  serveAt(socketPath: string, port?: 'modem' | 'pcui'): Promise<void>;
  /** Drops every connection and removes the sockets; safe to call twice. */
  close(): Promise<void>;
}

/** A peer that does not read its answers is dropped before they fill the memory. */
const MAX_UNREAD = 16 * 1024 * 1024;

/**
 * Starts an emulated modem. Its time begins when the first connection sends something.
 * @throws InputError when the behaviour, the device or a socket path is not usable.
 */
export async function startModem(options: ModemOptions): Promise<Modem> {
  const behaviour = parseBehaviour(options.behaviour ?? {});
  const model = DEVICE_MODELS[options.device ?? 'e397u'];
  const recordBroken = (why: string) => log.record({ type: 'broken', why });
  const guard = createGuard(options.onBroken ?? recordBroken);
  const clock = guard.watch(options.clock ?? systemClock);
  const file = openEventFile(options.eventLogPath);
  const log = createEventLog(clock, file.write);

  let session: Session | undefined;
  let device: UsbDevice | undefined;
  const stick = createStick(
    behaviour,
    {
      plug(next) {
        device = next;
        session?.plug(next);
      },
      unplug() {
        device = undefined;
        session?.unplug();
      },
    },
    clock,
    log,
    model,
  );
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const paths: string[] = [];

  async function listen(path: string, accept: (socket: Socket) => void) {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', (error) => log.record({ type: 'peer-error', why: error.message }));
      accept(socket);
    });
    await listenAt(server, path);
    servers.push(server);
    paths.push(path);
  }

  function acceptUsb(socket: Socket) {
    if (session !== undefined) {
      log.record({ type: 'peer-error', why: 'a second connection' });
      return socket.destroy();
    }
    const own = createSession((bytes) => write(socket, bytes, log), {
      ready(version) {
        log.record({ type: 'peer', what: 'connected', version });
        if (device !== undefined) own.plug(device);
        stick.powerOn();
      },
      overflow: (endpoint) => log.record({ type: 'usb', what: 'overflow', endpoint }),
    });
    session = own;
    const receive = (chunk: Buffer) => {
      try {
        if (session === own) own.receive(chunk);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        log.record({ type: 'peer-error', why: error.message });
        socket.destroy();
        drop();
      }
    };
    socket.on('data', (chunk: Buffer) => guard.run(() => receive(chunk)));
    const drop = () => {
      if (session !== own) return;
      session = undefined;
      own.close();
      log.record({ type: 'peer', what: 'closed' });
    };
    socket.on('close', () => guard.run(drop));
    return undefined;
  }

  if (options.socketPath !== undefined) await listen(options.socketPath, acceptUsb);

  return {
    behaviour,
    events: log.events,
    subscribe: (listener) => log.subscribe(listener),
    powerOn: () => stick.powerOn(),
    plug: () => stick.plug(),
    unplug: () => stick.unplug(),
    recordBroken,
    serveControl: (path) =>
      listen(path, (socket) => {
        stick.powerOn();
        const { core } = stick;
        core.outputs.control = (frame) => write(socket, frame, log);
        const createSplitter = model.control.protocol === 'mbim' ? createMbimSplitter : createQmuxSplitter;
        const split = createSplitter((message) => core.powered && core.control.input(message));
        socket.on('data', (chunk: Buffer) => guard.run(() => split(chunk)));
      }),
    serveAt: (path, name = 'modem') =>
      listen(path, (socket) => {
        stick.powerOn();
        const { core } = stick;
        core.outputs[name] = (bytes) => write(socket, bytes, log);
        core[name].setOpen(true);
        const input = (chunk: Buffer) => core.powered && core[name].input(chunk);
        socket.on('data', (chunk: Buffer) => guard.run(() => input(chunk)));
        socket.on('close', () => core[name].setOpen(false));
      }),
    async close() {
      stick.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(
        servers.splice(0).map((server) => new Promise<void>((done) => server.close(() => done()))),
      );
      for (const path of paths.splice(0)) rmSync(path, { force: true });
      file.close();
    },
  };
}

/**
 * The command that makes a stream of `serveControl` or `serveAt` a terminal at `link`. qmicli, qmi-network and shell
 * scripts use it like the real device: the modem alone, without QEMU.
 */
export function ptyArgv(link: string, socketPath: string): Argv {
  return ['socat', `PTY,link=${link},raw,echo=0`, `UNIX-CONNECT:${socketPath}`];
}

function write(socket: Socket, bytes: Buffer, log: EventLog) {
  if (socket.destroyed) return;
  socket.write(bytes);
  if (socket.writableLength > MAX_UNREAD) {
    log.record({ type: 'peer-error', why: 'does not read' });
    socket.destroy();
  }
}
