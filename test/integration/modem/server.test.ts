import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InputError } from '../../../src/core/errors.ts';
import { type Modem, startModem } from '../../../src/modem/server.ts';
import { createTestContext } from '../../helpers/context.ts';
import { encodeRequest } from '../../helpers/qmi-host.ts';
import { createPeer } from '../../helpers/usbredir-peer.ts';
import { waitFor } from '../../helpers/wait-for.ts';

async function start(t: TestContext) {
  const { tmpDir } = await createTestContext(t);
  const socketPath = join(tmpDir, 'usb.sock');
  const eventLogPath = join(tmpDir, 'events.jsonl');
  const modem = await startModem({ socketPath, eventLogPath });
  t.after(() => modem.close());
  return { modem, socketPath, eventLogPath, tmpDir };
}

async function open(t: TestContext, path: string): Promise<Socket> {
  const socket = connect(path);
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

async function seen(modem: Modem, what: string) {
  await waitFor(`an event with ${what}`, () =>
    modem.events.some((event) => JSON.stringify(event).includes(what)),
  );
}

test('a peer on the socket gets the device; events are in the file, one JSON object a line', async (t) => {
  const { modem, socketPath, eventLogPath } = await start(t);
  const socket = await open(t, socketPath);
  const peer = createPeer((bytes) => socket.write(bytes));
  socket.on('data', (chunk: Buffer) => peer.receive(chunk));
  peer.hello();
  await seen(modem, '12d1:1506');
  await waitFor('four messages', () => peer.messages.length >= 4);
  assert.deepEqual(peer.types(), [0, 5, 4, 1]);
  socket.destroy();
  await seen(modem, '"closed"');
  await modem.close();
  const lines = (await readFile(eventLogPath, 'utf8')).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [...modem.events],
  );
  assert.equal(existsSync(socketPath), false);
});

test('nonsense ends the connection with an event, and the next peer is served', async (t) => {
  const { modem, socketPath } = await start(t);
  const bad = await open(t, socketPath);
  bad.resume();
  bad.write('GET / HTTP/1.1\r\n\r\n');
  await once(bad, 'close');
  await seen(modem, 'before hello');
  const good = await open(t, socketPath);
  const peer = createPeer((bytes) => good.write(bytes));
  good.on('data', (chunk: Buffer) => peer.receive(chunk));
  peer.hello();
  await seen(modem, '12d1:1506');
});

test('a second connection is turned away', async (t) => {
  const { modem, socketPath } = await start(t);
  await open(t, socketPath);
  const second = await open(t, socketPath);
  second.resume();
  await once(second, 'close');
  await seen(modem, 'a second connection');
});

test('an error in the emulator is an event, and ends neither this process nor the connection', async (t) => {
  const { modem, tmpDir } = await start(t);
  const path = join(tmpDir, 'qmi.sock');
  await modem.serveControl(path);
  Object.defineProperty(modem.behaviour.network, 'mcc', {
    get: () => {
      throw new TypeError('made up');
    },
  });
  const socket = await open(t, path);
  socket.resume();
  socket.write(encodeRequest(0, 0, 1, 0x22, { 1: '03' }));
  socket.write(encodeRequest(3, 1, 2, 0x25, {}));
  await seen(modem, '"broken"');
  socket.write(encodeRequest(3, 1, 3, 0x25, {}));
  socket.end();
  await once(socket, 'close');
  const broken = modem.events.flatMap((event) => (event.type === 'broken' ? [event.why] : []));
  assert.equal(broken.length, 1);
  assert.match(broken[0] ?? '', /^TypeError: made up \(in .+\)$/);
});

test('a socket left behind is replaced; a file of that name is not', async (t) => {
  const { modem, socketPath, tmpDir } = await start(t);
  const again = await startModem({ socketPath });
  await again.close();
  await modem.close();
  const file = join(tmpDir, 'file');
  await writeFile(file, 'mine');
  await assert.rejects(startModem({ socketPath: file }), InputError);
  assert.equal(await readFile(file, 'utf8'), 'mine');
  await assert.rejects(startModem({ socketPath: join(tmpDir, 'x'.repeat(120)) }), /too long/);
});
