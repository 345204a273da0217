import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { NetworkError } from '../../../src/core/errors.ts';
import { publishTo } from '../../helpers/publish.ts';
import { hashFolder, makeRelease } from '../../helpers/release-folder.ts';
import { mountSmallDisk } from '../../helpers/small-disk.ts';
import { sshServerLack, startSshServer } from '../../helpers/ssh-server.ts';
import { startProxy } from '../../helpers/tcp-proxy.ts';
import { makeUser, userLack } from '../../helpers/throwaway-user.ts';
import { PATIENCE_MS, waitFor } from '../../helpers/wait-for.ts';

const skip = sshServerLack() ?? false;
const skipUser = sshServerLack() ?? userLack() ?? false;

test('a disk that is too small is refused before anything is sent', { skip }, async (t) => {
  const disk = await mountSmallDisk(t, 4_000_000);
  if (typeof disk === 'string') return t.skip(disk);
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 3_000_000, b: 3_000_000 });
  await assert.rejects(publishTo(t, server, folder, { path: disk.folder }), (error) => {
    assert.ok(error instanceof NetworkError);
    assert.match(error.message, /not enough space in .*: 6 MB to send, 4 MB left; nothing was sent/);
    return true;
  });
  assert.deepEqual(await readdir(disk.folder), []);
});

test('a disk that fills up meanwhile: said so, the old release stands, and with room it goes on', {
  skip,
}, async (t) => {
  const disk = await mountSmallDisk(t, 12_000_000);
  if (typeof disk === 'string') return t.skip(disk);
  const server = await startSshServer(t);
  await publishTo(t, server, await makeRelease(t, { old: 10_000 }), { path: disk.folder });
  const before = await hashFolder(disk.folder);
  const folder = await makeRelease(t, { new: 8_000_000 });
  const proxy = await startProxy(t, server.port, { stallAfterBytes: 2_000_000 });
  const run = publishTo(t, server, folder, {
    path: disk.folder,
    port: proxy.port,
    keepaliveMs: PATIENCE_MS,
  });
  run.catch(() => undefined);
  const part = join(disk.folder, 'new.part');
  await waitFor('some of it', () => (statSync(part, { throwIfNoEntry: false })?.size ?? 0) > 500_000);
  // Somebody else's log, say; what does not fit any more fails here too.
  await writeFile(join(disk.folder, 'other'), Buffer.alloc(8_000_000, 1)).catch(() => undefined);
  proxy.release();
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof NetworkError, String(error));
    assert.match(error.message, /the server's disk is full: .* left .* while new was sent/);
    return true;
  });
  await rm(join(disk.folder, 'other'));
  const { 'new.part': _part, 'SHA256SUMS.part': _sums, ...left } = await hashFolder(disk.folder);
  assert.deepEqual(left, before);
  const result = await publishTo(t, server, folder, { path: disk.folder });
  assert.ok(result.sentBytes < 8_000_000, 'what was there was not sent again');
  assert.deepEqual(await hashFolder(disk.folder), { ...before, ...(await hashFolder(folder)) });
});

test('a read-only disk is named as the cause', { skip }, async (t) => {
  const disk = await mountSmallDisk(t, 4_000_000);
  if (typeof disk === 'string') return t.skip(disk);
  disk.remount('ro');
  const server = await startSshServer(t);
  const attempt = publishTo(t, server, await makeRelease(t, { a: 'x' }), { path: disk.folder });
  await assert.rejects(
    attempt,
    (error) => error instanceof NetworkError && /is read-only/.test(error.message),
  );
});

test('a folder this login must not write to, must not make, or that is a file', {
  skip: skipUser,
}, async (t) => {
  const user = await makeUser(t, 'pw');
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 'x' });
  await writeFile(join(server.folder, 'file'), '');
  for (const [path, message] of [
    [server.target, /does not let this login write .*permission denied/],
    [join(server.target, 'new'), /does not let this login make the folder .*permission denied/],
    [join(server.folder, 'file'), /can't make the folder .*already exists as a file/],
  ] as const) {
    const target = { user: user.name, host: '127.0.0.1', port: server.port, path, isInHome: false };
    await assert.rejects(publishTo(t, server, folder, { target }), (error) => {
      assert.ok(error instanceof NetworkError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  assert.deepEqual(await readdir(server.target), []);
});

test('an account for SFTP alone in a jail: everything is checked by reading it back', {
  skip: skipUser,
}, async (t) => {
  const user = await makeUser(t, 'pw', '/srv');
  const server = await startSshServer(t, {
    matches: [
      `Match User ${user.name}`,
      `  ChrootDirectory ${dirname(user.home)}`,
      '  ForceCommand internal-sftp',
      '  AllowTcpForwarding no',
    ],
  });
  const site = join(user.home, 'site');
  await mkdir(site);
  await chown(site, user.uid, user.gid);
  const target = {
    user: user.name,
    host: '127.0.0.1',
    port: server.port,
    path: '/home/site',
    isInHome: false,
  };
  const folder = await makeRelease(t, { 'a.img': 3_000_000, "b'c": 10, empty: '' });
  const first = await publishTo(t, server, folder, { target });
  assert.deepEqual(await hashFolder(site), await hashFolder(folder));
  assert.equal(first.sent.length, 4);
  await writeFile(join(site, "b'c"), '0123456789');
  const second = await publishTo(t, server, folder, { target });
  assert.deepEqual(second.sent, ["b'c"]);
  // A cut upload is gone on with here too.
  const proxy = await startProxy(t, server.port, { cutAfterBytes: [2_000_000] });
  await writeFile(server.knownHosts, `[127.0.0.1]:${proxy.port} ${server.hostKeys.get('ssh-ed25519')}\n`);
  const next = await makeRelease(t, { 'next.img': 5_000_000 });
  await publishTo(t, server, next, { target: { ...target, port: proxy.port } });
  assert.equal(proxy.connections(), 2);
  assert.deepEqual(await hashFolder(site), { ...(await hashFolder(folder)), ...(await hashFolder(next)) });
});

test('the home of a login, by /~/', { skip: skipUser }, async (t) => {
  const user = await makeUser(t, 'pw');
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 'x' });
  for (const path of ['/', '/images']) {
    const target = { user: user.name, host: '127.0.0.1', port: server.port, path, isInHome: true };
    await publishTo(t, server, folder, { target });
  }
  const found = await readdir(user.home, { recursive: true });
  assert.ok(found.includes('a') && found.includes('images/a'), String(found));
});

test('a server that has no SFTP', { skip }, async (t) => {
  const server = await startSshServer(t, { sftp: '/nonexistent/sftp-server' });
  await assert.rejects(publishTo(t, server, await makeRelease(t, { a: 'x' })), (error) => {
    assert.ok(error instanceof NetworkError, String(error));
    assert.match(error.message, /lets .* in, but not to SFTP/);
    return true;
  });
});
