import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import { ToolFailedError } from '../core/errors.ts';
import { listenAt } from '../modem/unix-socket.ts';

/** QEMU's control channel, from the moment QEMU connects. */
export interface Qmp {
  /**
   * Sends one command and waits for the answer.
   * @returns the value of `return`; undefined once QEMU has ended, or if it answers with an error
   */
  ask(command: string): Promise<unknown>;
  /**
   * Sends one command that has to succeed, with its arguments.
   * @returns the value of `return`
   * @throws ToolFailedError with QEMU's reason, also when QEMU has ended
   */
  order(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Resolves when QEMU says that its guest has powered off or reset, or that it was told to end (event SHUTDOWN). */
  readonly shutDown: Promise<void>;
  /** Drops the connection and removes the socket; safe to call twice. Open commands resolve to undefined. */
  close(): Promise<void>;
}

/** An answer is a few hundred bytes. */
const MAX_LINE_BYTES = 1024 * 1024;

/** QEMU's greeting and its events have no `id`; an error has no `return`. */
const answerSchema = z.object({
  id: z.number(),
  return: z.unknown().optional(),
  error: z.object({ desc: z.string() }).optional(),
});

type Answer = Pick<z.infer<typeof answerSchema>, 'return' | 'error'>;

/** QEMU sends it before it cleans up (qapi/run-state.json). */
const shutdownSchema = z.object({ event: z.literal('SHUTDOWN') });

const GONE: Answer = { error: { desc: 'it has ended' } };

/**
 * Listens for one QEMU that is started with `-chardev socket,path=… -mon mode=control` (docs/interop/qmp-spec.txt of
 * QEMU 7.2): JSON objects, one a line, each way. Commands sent before QEMU has connected wait for it.
 * @throws InputError when the socket's path is not usable
 */
export async function listenForQmp(socketPath: string): Promise<Qmp> {
  const open = new Map<number, (answer: Answer) => void>();
  const unsent: string[] = [];
  let socket: Socket | undefined;
  let ended = false;
  let sayShutDown = (): void => undefined;
  const shutDown = new Promise<void>((resolve) => {
    sayShutDown = resolve;
  });
  let lastId = 0;

  const send = (line: string): void => {
    if (socket === undefined) unsent.push(line);
    else socket.write(line);
  };
  const exchange = (execute: string, args?: Readonly<Record<string, unknown>>): Promise<Answer> =>
    new Promise((resolve) => {
      if (ended) return resolve(GONE);
      lastId += 1;
      open.set(lastId, resolve);
      return send(`${JSON.stringify({ execute, arguments: args, id: lastId })}\n`);
    });
  const ask = async (command: string): Promise<unknown> => (await exchange(command)).return;
  const end = (): void => {
    ended = true;
    for (const resolve of open.values()) resolve(GONE);
    open.clear();
    socket?.destroy();
  };

  const server = createServer((peer) => {
    if (socket !== undefined) return peer.destroy();
    socket = peer;
    let rest = '';
    peer.setEncoding('utf8');
    peer.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE_BYTES) return end();
      for (const line of lines) {
        const message = parseJson(line);
        const answer = answerSchema.safeParse(message);
        if (answer.success) {
          open.get(answer.data.id)?.(answer.data);
          open.delete(answer.data.id);
        } else if (shutdownSchema.safeParse(message).success) sayShutDown();
      }
      return undefined;
    });
    peer.on('error', end);
    peer.on('close', end);
    for (const line of unsent.splice(0)) peer.write(line);
    return undefined;
  });
  await listenAt(server, socketPath);
  // QEMU accepts no other command before this one.
  void ask('qmp_capabilities');
  return {
    ask,
    async order(command, args) {
      const { error, ...answer } = await exchange(command, args);
      if (error !== undefined) throw new ToolFailedError(`QEMU refuses ${command}: ${error.desc}`);
      return answer.return;
    },
    shutDown,
    async close() {
      end();
      await stopListening(server);
      rmSync(socketPath, { force: true });
    },
  };
}

async function stopListening(server: Server): Promise<void> {
  if (server.listening) await new Promise<void>((done) => server.close(() => done()));
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
