import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { VerificationError } from '../../../src/core/errors.ts';
import { type OddSftpOptions, startOddServer } from '../../helpers/odd-sftp-server.ts';
import { publishTo } from '../../helpers/publish.ts';
import { hashFolder, makeRelease } from '../../helpers/release-folder.ts';
import { makeKey, type SshServer, sshServerLack } from '../../helpers/ssh-server.ts';
import { startProxy } from '../../helpers/tcp-proxy.ts';

const skip = sshServerLack() ?? false;

async function startOdd(
  t: TestContext,
  options: OddSftpOptions = {},
): Promise<SshServer & { requests: Map<string, number> }> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-odd-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const identity = join(folder, 'key');
  await makeKey(identity);
  const { port, requests } = await startOddServer(t, identity, options);
  const key = (await readFile(`${identity}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, `[127.0.0.1]:${port} ${key}\n`);
  const target = join(folder, 'target');
  await mkdir(target);
  return {
    port,
    user: 'any',
    identity,
    hostKeys: new Map(),
    knownHosts,
    target,
    folder,
    log: () => '',
    requests,
  };
}

test('a server of SFTP version 3 alone: read back, removed before renamed', { skip }, async (t) => {
  const server = await startOdd(t, { maxReadBytes: 10_000 });
  const folder = await makeRelease(t, { 'a.img': 1_000_000, b: 'x' });
  await publishTo(t, server, folder);
  assert.deepEqual(await hashFolder(server.target), await hashFolder(folder));
  const next = await makeRelease(t, { 'a.img': 1_000_000, c: 'y' });
  await publishTo(t, server, next, { prune: 1 });
  assert.deepEqual(await hashFolder(server.target), await hashFolder(next));
});

test('a server that fails requests in parallel gets one after the other', { skip }, async (t) => {
  const server = await startOdd(t, { isSequential: true });
  const small = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`small-${i}`, i * 100]));
  const folder = await makeRelease(t, { 'a.img': 2_000_000, 'b.img': 2_000_000, ...small });
  await publishTo(t, server, folder);
  assert.deepEqual(await hashFolder(server.target), await hashFolder(folder));
  // What failed was few: after the first time it is known.
  assert.ok((server.requests.get('WRITE') ?? 0) < 2 * 64 + 200, String(server.requests.get('WRITE')));
});

test('what arrives damaged does not get its name, and the old release stands', { skip }, async (t) => {
  const good = await startOdd(t);
  await publishTo(t, good, await makeRelease(t, { old: 'x' }));
  const before = await hashFolder(good.target);
  const { port } = await startOddServer(t, good.identity, { damages: /new\.img/ });
  const folder = await makeRelease(t, { 'new.img': 500_000 });
  await assert.rejects(publishTo(t, good, folder, { port }), (error) => {
    assert.ok(error instanceof VerificationError, String(error));
    assert.match(
      error.message,
      /new\.img arrived with SHA-256 [0-9a-f]{64} \(read back\).*did not get its name/,
    );
    return true;
  });
  const { 'new.img.part': part, 'SHA256SUMS.part': _sums, ...left } = await hashFolder(good.target);
  assert.ok(part !== undefined);
  assert.deepEqual(left, before);
  // The damaged part is not built on.
  await publishTo(t, good, folder);
  assert.deepEqual(await hashFolder(good.target), { ...before, ...(await hashFolder(folder)) });
});

test('a line that goes silent without breaking is noticed, and the upload goes on over a new one', {
  skip,
}, async (t) => {
  const server = await startOdd(t);
  const folder = await makeRelease(t, { big: 6_000_000 });
  const proxy = await startProxy(t, server.port, { stallAfterBytes: 3_000_000 });
  const warnings: string[] = [];
  // A busy machine is silent too: then there are more of these than one.
  await publishTo(t, server, folder, { port: proxy.port, keepaliveMs: 500, retries: 1000, warnings });
  assert.match(warnings[0] ?? '', /Keepalive timeout; trying again/);
  assert.equal(proxy.connections(), 1 + warnings.length);
  assert.deepEqual(await hashFolder(server.target), await hashFolder(folder));
});

test('a file transfer that ends while the connection stands is begun again', { skip }, async (t) => {
  const server = await startOdd(t, { endsAtWrite: 40 });
  const folder = await makeRelease(t, { big: 3_000_000 });
  const warnings: string[] = [];
  await publishTo(t, server, folder, { warnings });
  assert.match(warnings.join('\n'), /the server ended the file transfer; trying again/);
  assert.deepEqual(await hashFolder(server.target), await hashFolder(folder));
});
