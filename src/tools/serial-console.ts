import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { listenAt } from '../modem/unix-socket.ts';

/** A guest's serial console, joined to a terminal. */
export interface SerialConsole {
  /** Resolves when the user has typed the key, or QEMU has gone; never rejects. */
  readonly ended: Promise<'left' | 'gone'>;
  /** Gives the terminal back and removes the socket; safe to call twice. */
  close(): Promise<void>;
}

/** The terminal of the user. */
export interface ConsoleTerminal {
  readonly input: Pick<ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;
  readonly output: Writable;
}

/** Ctrl-], as of telnet(1) and virsh(1). Every other key, Ctrl-C too, is the guest's. */
const END_KEY = 0x1d;

/**
 * Listens for the serial port of one QEMU that is started with `-chardev socket,path=…`, and joins it to the terminal in
 * raw mode: every key goes to the guest, and all that the guest writes to the screen.
 * @throws InputError when the socket's path is not usable
 */
export async function joinSerialConsole(
  socketPath: string,
  { input, output }: ConsoleTerminal,
): Promise<SerialConsole> {
  let guest: Socket | undefined;
  let end = (_how: 'left' | 'gone'): void => undefined;
  const ended = new Promise<'left' | 'gone'>((resolve) => {
    end = resolve;
  });
  const onKeys = (keys: Buffer): void => {
    const at = keys.indexOf(END_KEY);
    // Nobody waits for what is typed before the guest is there.
    guest?.write(at === -1 ? keys : keys.subarray(0, at));
    if (at !== -1) end('left');
  };
  const server = createServer((peer) => {
    if (guest !== undefined) return peer.destroy();
    guest = peer;
    peer.on('error', () => end('gone')).on('close', () => end('gone'));
    return peer.pipe(output, { end: false });
  });
  await listenAt(server, socketPath);
  input.setRawMode(true);
  input.on('data', onKeys).resume();
  return {
    ended,
    async close() {
      input.off('data', onKeys).pause();
      input.setRawMode(false);
      guest?.destroy();
      if (server.listening) await new Promise<void>((done) => server.close(() => done()));
      rmSync(socketPath, { force: true });
    },
  };
}
