import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { decode, encode } from 'dns-packet';
import { createTestContext } from '../../helpers/context.ts';
import { renderOverlays } from '../../helpers/rendered-overlays.ts';
import { PATIENCE_MS } from '../../helpers/wait-for.ts';

const SCRIPT = join(renderOverlays(), 'usr/lib/wwanpi/ask-network');
/** To bind a socket to an interface, and for port 53. */
const skip = process.getuid?.() === 0 ? false : 'needs root';

async function ask(t: TestContext, ...args: string[]) {
  const { exec } = await createTestContext(t);
  const { stdout, exitCode } = await exec(['perl', SCRIPT, ...args], {
    okExitCodes: [1],
    timeoutMs: PATIENCE_MS,
  });
  return [stdout.trim(), exitCode];
}

/** A name server at that address, which answers or does not; what it was asked. */
async function serveDns(t: TestContext, address: string, answers: boolean): Promise<string[]> {
  const asked: string[] = [];
  const socket = createSocket('udp4', (message, from) => {
    const { id, questions = [] } = decode(message);
    asked.push(...questions.map(({ name, type }) => `${name} ${type}`));
    if (answers) socket.send(encode({ type: 'response', id, flags: 5, questions }), from.port, from.address);
  });
  t.after(() => socket.close());
  socket.bind(53, address);
  await once(socket, 'listening');
  return asked;
}

test('a name server that answers, if only to refuse', { skip }, async (t) => {
  const asked = await serveDns(t, '127.53.0.1', true);
  assert.deepEqual(await ask(t, 'lo', 'dns:127.53.0.1'), ['the name server 127.53.0.1', 0]);
  assert.deepEqual(asked, ['example.com A']);
});

test('a TCP connection that is taken, or refused', { skip }, async (t) => {
  await serveDns(t, '127.53.0.2', false);
  const server = createServer((socket) => socket.destroy());
  t.after(() => server.close());
  server.listen(443, '127.53.0.2');
  await once(server, 'listening');
  for (const address of ['127.53.0.2', '127.53.0.3']) {
    const said = await ask(t, 'lo', 'dns:127.53.0.2', `tcp:${address}`);
    assert.deepEqual(said, [`a TCP connection to ${address}`, 0]);
  }
});

test('silence, no such interface and what is no address are no answer', { skip }, async (t) => {
  await serveDns(t, '127.53.0.4', false);
  assert.deepEqual(await ask(t, 'lo', 'dns:127.53.0.4'), ['', 1]);
  assert.deepEqual(await ask(t, 'nosuch0', 'dns:127.53.0.4', 'tcp:127.53.0.4'), ['', 1]);
  assert.deepEqual(await ask(t, 'lo', 'dns:localhost', 'tcp:$(id)', 'tcp:127.0.0.1x', 'dns:999.1.1.1'), [
    '',
    1,
  ]);
  assert.deepEqual(await ask(t, 'lo'), ['', 1]);
});
