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
  /** Lets nothing through any more in either direction, and says nothing of it. */
  stall(): void;
}

/** How it behaves. */
export interface ProxyOptions {
  /** For each connection in turn: after how many bytes towards the server it breaks. Later ones hold. */
  readonly cutAfterBytes?: readonly number[];
  /** Towards the server. */
  readonly bytesPerSecond?: number;
}

const TICK_MS = 10;

/** A TCP proxy on loopback to a port of loopback, gone when the test ends. */
export async function startProxy(t: TestContext, toPort: number, options: ProxyOptions = {}): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let total = 0;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server = createServer((client) => {
    const limit = options.cutAfterBytes?.[connections] ?? Number.POSITIVE_INFINITY;
    connections += 1;
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
    client.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      total += chunk.length;
      if (passed > limit) {
        upstream.end(chunk.subarray(0, chunk.length - (passed - limit)));
        client.destroy();
        return;
      }
      upstream.write(chunk);
      if (options.bytesPerSecond !== undefined) {
        client.pause();
        const waitMs = Math.max(TICK_MS, (chunk.length / options.bytesPerSecond) * 1000);
        setTimeout(() => client.resume(), waitMs).unref();
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
    stall: () => {
      for (const socket of sockets) {
        socket.unpipe();
        socket.removeAllListeners('data');
        socket.pause();
      }
    },
  };
}
