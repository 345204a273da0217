import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishTo } from '../../helpers/publish.ts';
import { hashFolder, makeRelease } from '../../helpers/release-folder.ts';
import { sshServerLack, startSshServer } from '../../helpers/ssh-server.ts';

const skip = sshServerLack() ?? false;

test('publishes the listed files and those that go with them, and nothing else', { skip }, async (t) => {
  const server = await startSshServer(t);
  const folder = await makeRelease(
    t,
    { 'a b.img': 3_000_000, "it's $(odd) `name` ; *.img.xz": 100, 'empty.json': '' },
    { 'fleet.json': '{}', 'SHA256SUMS.asc': 'sig', '.wwanpi-fleet.json': 'secret', 'notes.txt': 'mine' },
  );
  const result = await publishTo(t, server, folder);
  const { '.wwanpi-fleet.json': _state, 'notes.txt': _notes, ...expected } = await hashFolder(folder);
  assert.deepEqual(await hashFolder(server.target), expected);
  assert.deepEqual(result.sent.slice(-3), ['fleet.json', 'SHA256SUMS.asc', 'SHA256SUMS']);
  const again = await publishTo(t, server, folder);
  assert.deepEqual(again.sent, []);
  assert.equal(again.sentBytes, 0);
  assert.deepEqual(again.unchanged.length, 6);
});
