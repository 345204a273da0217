import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { VerificationError } from '../../../src/core/errors.ts';
import { keyFingerprint } from '../../../src/formats/known-hosts.ts';
import { readKnownHosts } from '../../../src/tools/ssh/ssh-host-key.ts';
import { publishTo } from '../../helpers/publish.ts';
import { makeRelease } from '../../helpers/release-folder.ts';
import { makeKey, sshServerLack, startSshServer } from '../../helpers/ssh-server.ts';

const skip = sshServerLack() ?? false;
const fingerprintOf = (key = '') => keyFingerprint(Buffer.from(key.split(' ')[1] ?? '', 'base64'));

test('an unknown server is refused, with its fingerprint and the line that makes it known', {
  skip,
}, async (t) => {
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 'x' });
  const key = server.hostKeys.get('ssh-ed25519') ?? '';
  const empty = join(server.folder, 'none');
  const attempt = publishTo(t, server, folder, { trust: await readKnownHosts([empty]) });
  const error = await attempt.then(
    () => assert.fail('published to an unknown server'),
    (thrown) => thrown,
  );
  assert.ok(error instanceof VerificationError);
  const fingerprint = fingerprintOf(key);
  assert.match(error.message, new RegExp(`\\[127.0.0.1\\]:${server.port} is not a known host`));
  assert.ok(error.message.includes(fingerprint) && error.hint?.includes(`--host-key ${fingerprint}`));
  assert.deepEqual(await readdir(server.target), []);
  // sshd has seen no user: nothing was sent.
  assert.doesNotMatch(server.log(), /Failed|Accepted|user/);
  // What it says to do works.
  const line = error.detail?.split('\n').at(-1) ?? '';
  await writeFile(empty, `${line}\n`);
  await publishTo(t, server, folder, { trust: await readKnownHosts([empty]) });
  const trust = { kind: 'fingerprint', fingerprint } as const;
  assert.deepEqual((await publishTo(t, server, folder, { trust })).sent, []);
});

test('a hashed known_hosts file of ssh-keygen -H is as good', { skip }, async (t) => {
  const server = await startSshServer(t);
  execFileSync('ssh-keygen', ['-H', '-f', server.knownHosts], { stdio: 'ignore' });
  assert.match(await readFile(server.knownHosts, 'utf8'), /^\|1\|/);
  await publishTo(t, server, await makeRelease(t, { a: 'x' }));
});

test('a changed key is refused loudly, and no password is sent', { skip }, async (t) => {
  const server = await startSshServer(t);
  const other = join(server.folder, 'other');
  await makeKey(other);
  const key = (await readFile(`${other}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  await writeFile(server.knownHosts, `# first line\n[127.0.0.1]:${server.port} ${key}\n`);
  const attempt = publishTo(t, server, await makeRelease(t, { a: 'x' }), {
    credentials: { password: 'secret' },
  });
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof VerificationError);
    assert.match(error.message, /HAS CHANGED/);
    assert.ok(error.message.includes(fingerprintOf(server.hostKeys.get('ssh-ed25519'))));
    assert.ok(error.message.includes(`${server.knownHosts}:2 has ${fingerprintOf(key)}`));
    assert.match(error.hint ?? '', /ssh-keygen -R/);
    return true;
  });
  assert.doesNotMatch(server.log(), /Failed|Accepted|user/);
});

test('a revoked key is refused', { skip }, async (t) => {
  const server = await startSshServer(t);
  const line = await readFile(server.knownHosts, 'utf8');
  await writeFile(server.knownHosts, `${line}@revoked * ${server.hostKeys.get('ssh-ed25519')}\n`);
  await assert.rejects(publishTo(t, server, await makeRelease(t, { a: 'x' })), /REVOKED/);
});

test('a known key is requested of a server with several keys', { skip }, async (t) => {
  const server = await startSshServer(t, { hostKeyTypes: ['ed25519', 'rsa', 'ecdsa'] });
  const folder = await makeRelease(t, { a: 'x' });
  for (const [type, key] of server.hostKeys) {
    await writeFile(server.knownHosts, `[127.0.0.1]:${server.port} ${key}\n`);
    await publishTo(t, server, folder);
    // A fingerprint does not say of which key it is.
    const trust = { kind: 'fingerprint', fingerprint: fingerprintOf(key) } as const;
    await publishTo(t, server, folder, { trust });
    t.diagnostic(`${type} is found`);
  }
  const trust = { kind: 'fingerprint', fingerprint: `SHA256:${'A'.repeat(43)}` } as const;
  await assert.rejects(publishTo(t, server, folder, { trust }), (error) => {
    assert.ok(error instanceof VerificationError);
    assert.match(error.message, /another host key than --host-key says/);
    return true;
  });
});

test('a server that has only a key of a type not known of it is refused', { skip }, async (t) => {
  const server = await startSshServer(t, { hostKeyTypes: ['ed25519'] });
  const rsa = join(server.folder, 'rsa');
  await makeKey(rsa, 'rsa');
  const key = (await readFile(`${rsa}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  await writeFile(server.knownHosts, `[127.0.0.1]:${server.port} ${key}\n`);
  await assert.rejects(
    publishTo(t, server, await makeRelease(t, { a: 'x' })),
    /not known.*known of it are ssh-rsa/,
  );
});
