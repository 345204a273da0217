import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { joinSerialConsole } from '../../../src/tools/serial-console.ts';
import { createTestContext } from '../../helpers/context.ts';
import { waitFor } from '../../helpers/wait-for.ts';

/** A terminal without a screen, and what it was told. */
class Keyboard extends EventEmitter {
  readonly calls: string[] = [];
  setRawMode(isRaw: boolean): this {
    this.calls.push(isRaw ? 'raw' : 'cooked');
    return this;
  }
  resume(): this {
    return this;
  }
  pause(): this {
    this.calls.push('pause');
    return this;
  }
  type(text: string): void {
    this.emit('data', Buffer.from(text));
  }
}

async function setUp(t: TestContext) {
  const path = join((await createTestContext(t)).tmpDir, 'console.sock');
  const input = new Keyboard();
  const output = new PassThrough();
  const serial = await joinSerialConsole(path, { input: input as never, output });
  t.after(() => serial.close());
  const guest = await new Promise<Socket>((resolve) => {
    const socket = connect(path, () => resolve(socket));
  });
  t.after(() => guest.destroy());
  let got = '';
  guest.on('data', (bytes) => {
    got += bytes;
  });
  // QEMU is there once its first words are on the screen.
  guest.write('login: ');
  await waitFor('the prompt', () => output.read() !== null);
  return { path, input, output, serial, guest, read: () => got };
}

test('every key goes to the guest, Ctrl-C too, and Ctrl-] ends it', async (t) => {
  const { path, input, serial, guest, read } = await setUp(t);
  input.type('pi\r\u0003');
  input.type('x\u001dnever');
  assert.equal(await serial.ended, 'left');
  await waitFor('the keys', () => read() === 'pi\r\u0003x');
  await serial.close();
  await serial.close();
  assert.deepEqual(input.calls.slice(0, 3), ['raw', 'pause', 'cooked']);
  assert.equal(input.listenerCount('data'), 0);
  await waitFor('the end of the connection', () => guest.destroyed || guest.readableEnded);
  assert.ok(!existsSync(path));
});

test('what the guest writes is on the screen byte for byte; its end ends it', async (t) => {
  const { output, serial, guest } = await setUp(t);
  const screen: Buffer[] = [];
  output.on('data', (bytes: Buffer) => screen.push(bytes));
  guest.end('\u001b[1mbold\u0000');
  assert.equal(await serial.ended, 'gone');
  assert.equal(Buffer.concat(screen).toString(), '\u001b[1mbold\u0000');
});
