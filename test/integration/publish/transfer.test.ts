import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InterruptedError, NetworkError, VerificationError } from '../../../src/core/errors.ts';
import { createTestContext } from '../../helpers/context.ts';
import { publishTo } from '../../helpers/publish.ts';
import { hashFolder, makeRelease, sha256 } from '../../helpers/release-folder.ts';
import { findFreePort, sshServerLack, startSshServer } from '../../helpers/ssh-server.ts';
import { startProxy } from '../../helpers/tcp-proxy.ts';
import { PATIENCE_MS, waitFor } from '../../helpers/wait-for.ts';

const skip = sshServerLack() ?? false;

test('publishes the listed files and those that go with them, and nothing else', { skip }, async (t) => {
  const server = await startSshServer(t, { config: ['LogLevel VERBOSE'] });
  const folder = await makeRelease(
    t,
    { 'a b.img': 3_000_000, "it's $(odd) `name` ; *.img.xz": 100, 'empty.json': '', '-n': 'dash' },
    { 'fleet.json': '{}', 'SHA256SUMS.asc': 'sig', '.wwanpi-fleet.json': 'secret', 'notes.txt': 'mine' },
  );
  const path = join(server.target, "new 'folder'", 'below');
  const result = await publishTo(t, server, folder, { path });
  const { '.wwanpi-fleet.json': _state, 'notes.txt': _notes, ...expected } = await hashFolder(folder);
  assert.deepEqual(await hashFolder(path), expected);
  assert.deepEqual(result.sent.slice(-3), ['fleet.json', 'SHA256SUMS.asc', 'SHA256SUMS']);
  assert.equal((await stat(join(path, 'a b.img'))).mode & 0o444, 0o444);
  // The three bytes that tell whether sha256sum runs, and the one file that is not small.
  assert.equal((server.log().match(/Starting session: command/g) ?? []).length, 2);
  const again = await publishTo(t, server, folder, { path });
  assert.deepEqual([again.sent, again.sentBytes, again.unchanged.length], [[], 0, 7]);
});

test('only changes are sent; a file that is damaged on the server is repaired', { skip }, async (t) => {
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 200_000, b: 200_000, c: 200_000 });
  await publishTo(t, server, folder);
  const damaged = await readFile(join(server.target, 'b'));
  damaged[100_000] = (damaged[100_000] ?? 0) ^ 1;
  await writeFile(join(server.target, 'b'), damaged);
  await truncate(join(server.target, 'c'), 199_999);
  const result = await publishTo(t, server, folder);
  assert.deepEqual(result.sent, ['b', 'c']);
  assert.equal(result.sentBytes, 400_000);
  assert.deepEqual(await hashFolder(server.target), await hashFolder(folder));
});

test('a file that is missing or odd stops it before it connects, a damaged one before anything is sent', {
  skip,
}, async (t) => {
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 'x', b: 'y', c: 'z' });
  await writeFile(join(folder, 'a'), 'X');
  await assert.rejects(publishTo(t, server, folder), (error) => {
    assert.ok(error instanceof VerificationError, String(error));
    assert.match(error.message, /nothing was sent:\n {2}- a has SHA-256 [0-9a-f]{64}; SHA256SUMS says/);
    return true;
  });
  assert.deepEqual(await readdir(server.target), []);
  const sums = await readFile(join(folder, 'SHA256SUMS'), 'utf8');
  await writeFile(join(folder, 'SHA256SUMS'), `${sums}${sha256(Buffer.from(''))}  gone\n`);
  // Nothing listens there: that is not even found out.
  await assert.rejects(publishTo(t, server, folder, { port: await findFreePort() }), (error) => {
    assert.ok(error instanceof VerificationError, String(error));
    assert.match(error.message, /- gone is missing/);
    return true;
  });
  await writeFile(join(folder, 'SHA256SUMS'), `${sums}${sha256(Buffer.from(''))}  ../up\nnonsense\n`);
  const refused = publishTo(t, server, folder, { port: await findFreePort() });
  await assert.rejects(refused, /"\.\.\/up"[\s\S]*line 5/);
});

test('a line that breaks again and again: each time on from where it was, every file whole', {
  skip,
}, async (t) => {
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { 'big.img': 12_000_000, small: 1000 });
  const proxy = await startProxy(t, server.port, { cutAfterBytes: [4_000_000, 200, 5_000_000, 3_000_000] });
  const warnings: string[] = [];
  const result = await publishTo(t, server, folder, { port: proxy.port, warnings });
  assert.deepEqual(await hashFolder(server.target), await hashFolder(folder));
  assert.equal(proxy.connections(), 5);
  assert.equal(warnings.length, 4);
  assert.match(warnings[0] ?? '', /trying again in/);
  // At most what was under way was sent twice, for each break.
  assert.ok(result.sentBytes < 12_000_000 + 4 * 2 * 1024 * 1024, String(result.sentBytes));
});

test('a dead line is given up after the given number of tries', { skip }, async (t) => {
  // Says when it has written all that came before its connection broke.
  const { tmpDir } = await createTestContext(t);
  const sftp = join(tmpDir, 'sftp');
  await writeFile(sftp, `#!/bin/sh\n/usr/lib/openssh/sftp-server\necho >'${tmpDir}/ended'\n`);
  await chmod(sftp, 0o755);
  const server = await startSshServer(t, { sftp });
  const folder = await makeRelease(t, { big: 3_000_000 });
  const warnings: string[] = [];
  const proxy = await startProxy(t, server.port, {
    stallAfterBytes: 1_500_000,
    cutAfterBytes: [Number.POSITIVE_INFINITY, 0, 0, 0, 0, 0],
  });
  // sshd throws away what it has not written when the connection breaks.
  const part = join(server.target, 'big.part');
  const isWritten = async () =>
    existsSync(join(server.target, 'SHA256SUMS.part')) &&
    existsSync(part) &&
    (await stat(part)).size > 1_000_000;
  void waitFor('some of it', isWritten).then(proxy.cut);
  const run = publishTo(t, server, folder, {
    port: proxy.port,
    retries: 2,
    keepaliveMs: PATIENCE_MS,
    warnings,
  });
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof NetworkError, String(error));
    assert.match(error.hint ?? '', /resumes the upload/);
    return true;
  });
  assert.equal(proxy.connections(), 3);
  assert.deepEqual((await readdir(server.target)).sort(), [
    '.wwanpi-releases.json',
    'SHA256SUMS.part',
    'big.part',
  ]);
  // A later run takes it up: no byte that is there is sent again.
  await waitFor('the end of the broken transfer', () => existsSync(join(tmpDir, 'ended')));
  const partBytes = (await stat(part)).size;
  assert.ok(partBytes > 1_000_000, String(partBytes));
  const result = await publishTo(t, server, folder);
  assert.equal(result.sentBytes, 3_000_000 - partBytes);
  assert.deepEqual(await hashFolder(server.target), await hashFolder(folder));
});

test('a port where nothing listens, and a host that is none', { skip }, async (t) => {
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 'x' });
  const attempt = publishTo(t, server, folder, { port: await findFreePort(), retries: 1 });
  await assert.rejects(
    attempt,
    (error) => error instanceof NetworkError && /ECONNREFUSED/.test(error.message),
  );
  const target = { user: 'u', host: 'nowhere.invalid', port: 22, path: '/x', isInHome: false };
  await assert.rejects(publishTo(t, server, folder, { target, retries: 0 }), (error) => {
    assert.ok(error instanceof NetworkError);
    return true;
  });
});

test('a partial upload is continued only after its correct start', { skip }, async (t) => {
  const server = await startSshServer(t);
  const image = randomBytes(5_000_000);
  const folder = await makeRelease(t, { image });
  const part = join(server.target, 'image.part');
  const sumsBytes = (await stat(join(folder, 'SHA256SUMS'))).size;
  const hole = Buffer.from(image.subarray(0, 4_000_000));
  hole.fill(0, 3_900_000, 3_950_000);
  for (const [what, content, sent] of [
    ['the right beginning', image.subarray(0, 3_000_000), 2_000_000],
    ['all of it', image, 0],
    [
      'a hole near its end, as a server leaves that mixes requests',
      hole,
      5_000_000 - (4_000_000 - 2_097_152),
    ],
    ['of another image', randomBytes(3_000_000), 5_000_000],
    ['longer than the file', Buffer.concat([image, Buffer.alloc(1000)]), 5_000_000],
    ['empty', Buffer.alloc(0), 5_000_000],
  ] as const) {
    await writeFile(part, content);
    const result = await publishTo(t, server, folder, { path: server.target });
    assert.equal(result.sentBytes, sent + sumsBytes, what);
    assert.deepEqual(await hashFolder(server.target), await hashFolder(folder), what);
    for (const name of ['image', 'SHA256SUMS']) await writeFile(join(server.target, name), '');
  }
});

test('stopped in the middle: only parts are left, the old release stands, the next run goes on', {
  skip,
}, async (t) => {
  const server = await startSshServer(t);
  const old = await makeRelease(t, { 'old.img': 100_000 });
  await publishTo(t, server, old);
  const before = await hashFolder(server.target);
  const folder = await makeRelease(t, { 'new.img': 8_000_000 });
  const proxy = await startProxy(t, server.port, { stallAfterBytes: 4_000_000 });
  const abort = new AbortController();
  const run = publishTo(t, server, folder, {
    port: proxy.port,
    signal: abort.signal,
    keepaliveMs: PATIENCE_MS,
  });
  run.catch(() => undefined);
  const part = join(server.target, 'new.img.part');
  await waitFor('some of it', async () => ((await stat(part).catch(() => undefined))?.size ?? 0) > 1_000_000);
  abort.abort();
  await assert.rejects(run, InterruptedError);
  const { 'new.img.part': partHash, 'SHA256SUMS.part': _sums, ...left } = await hashFolder(server.target);
  assert.ok(partHash !== undefined);
  assert.deepEqual(left, before);
  const partBytes = (await stat(part)).size;
  const result = await publishTo(t, server, folder);
  assert.ok(result.sentBytes < 8_000_000 - partBytes + 1000);
  assert.deepEqual(await hashFolder(server.target), {
    ...(await hashFolder(old)),
    ...(await hashFolder(folder)),
  });
});
