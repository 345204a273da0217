import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { ToolFailedError } from '../../../src/core/errors.ts';
import { loadState, saveState } from '../../../src/tools/qemu-state.ts';
import { createTestContext } from '../../helpers/context.ts';

const STATE = Buffer.alloc(300_000, 'state of a guest ');

test('a state is written to a file of its owner, once QEMU says that it is complete', async (t) => {
  const { tmpDir } = await createTestContext(t);
  const path = join(tmpDir, 'state');
  const orders: string[] = [];
  let asked = 0;
  const order = async (command: string, args?: Readonly<Record<string, unknown>>) => {
    orders.push(command);
    if (command === 'migrate') {
      connect(String(args?.uri).replace('unix:', '')).end(STATE);
      return {};
    }
    asked += 1;
    return command === 'query-migrate' ? { status: asked < 5 ? 'active' : 'completed' } : {};
  };
  await saveState({ order }, path, join(tmpDir, 'state.sock'));
  assert.deepEqual(orders.slice(0, 3), ['stop', 'migrate-set-parameters', 'migrate']);
  assert.ok(STATE.equals(await readFile(path)));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('a state that QEMU cannot write is an error', async (t) => {
  const { tmpDir } = await createTestContext(t);
  const order = async (command: string) => (command === 'query-migrate' ? { status: 'failed' } : {});
  const saved = saveState({ order }, join(tmpDir, 'state'), join(tmpDir, 'state.sock'));
  await assert.rejects(saved, ToolFailedError);
});

test('a state is given to a QEMU that waits for it; one that is not there is an error', async (t) => {
  const { tmpDir } = await createTestContext(t);
  const path = join(tmpDir, 'state');
  const socketPath = join(tmpDir, 'state.sock');
  await writeFile(path, STATE);
  const chunks: Buffer[] = [];
  let status = 'inmigrate';
  const qemu = createServer((peer) =>
    peer
      .on('data', (chunk) => chunks.push(chunk))
      .on('end', () => {
        status = 'paused';
      }),
  );
  await new Promise<void>((done) => qemu.listen(socketPath, done));
  const order = async () => ({ status });
  await loadState({ order }, path, socketPath);
  assert.ok(STATE.equals(Buffer.concat(chunks)));
  await new Promise((done) => qemu.close(done));
  await assert.rejects(loadState({ order }, path, socketPath), /QEMU did not take the state/);
});
