import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A line to a server that can break. */
export interface Proxy {
  readonly port: number;
  /** Connections so far. */
  connections(): number;
  /** Bytes let through towards the server so far. */
  passedBytes(): number;
  /** Breaks all of them now. */
  cut(): void;
  /** Lets the connection that stalls, or would, go on. */
  release(): void;
}

/** How it behaves. */
export interface ProxyOptions {
  /** For each connection in turn: after how many bytes towards the server it breaks. Later ones hold. */
  readonly cutAfterBytes?: readonly number[];
  /** After so many bytes towards the server, in all, the first connection takes no more, and says nothing of it. */
  readonly stallAfterBytes?: number;
  /** Each piece towards the server waits for this. */
  readonly beforeEach?: () => Promise<void>;
}

/** A TCP proxy on loopback to a port of loopback, gone when the test ends. */
export async function startProxy(t: TestContext, toPort: number, options: ProxyOptions = {}): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let total = 0;
  let isReleased = false;
  let stalled: Socket | undefined;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const { stallAfterBytes = Number.POSITIVE_INFINITY, beforeEach } = options;
  const server = createServer((client) => {
    const limit = options.cutAfterBytes?.[connections] ?? Number.POSITIVE_INFINITY;
    connections += 1;
    const mayStall = connections === 1;
    const upstream = connect(toPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    // What was let through arrives, however the client's end came about.
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.destroy());
    upstream.pipe(client);
    let passed = 0;
    client.on('data', async (chunk: Buffer) => {
      if (beforeEach !== undefined) {
        client.pause();
        await beforeEach();
        client.resume();
      }
      passed += chunk.length;
      total += chunk.length;
      if (passed > limit) {
        upstream.end(chunk.subarray(0, chunk.length - (passed - limit)));
        client.destroy();
        return;
      }
      upstream.write(chunk);
      if (mayStall && !isReleased && total > stallAfterBytes) {
        client.pause();
        stalled = client;
      }
    });
    client.on('end', () => upstream.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    cut();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    passedBytes: () => total,
    cut,
    release: () => {
      isReleased = true;
      stalled?.resume();
    },
  };
}
