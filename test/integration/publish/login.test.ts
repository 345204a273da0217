import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InputError, NetworkError } from '../../../src/core/errors.ts';
import { publishTo } from '../../helpers/publish.ts';
import { makeRelease } from '../../helpers/release-folder.ts';
import { makeKey, sshServerLack, startSshServer } from '../../helpers/ssh-server.ts';
import { makeUser, userLack } from '../../helpers/throwaway-user.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const skip = sshServerLack() ?? false;
const skipUser = sshServerLack() ?? userLack() ?? false;

/** An ssh-agent of its own, with the given keys. */
async function startAgent(t: TestContext, folder: string, keys: readonly string[]): Promise<string> {
  const socket = join(folder, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  t.after(() => agent.kill());
  await waitFor("the agent's socket", () => existsSync(socket));
  for (const key of keys) {
    execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
  }
  return socket;
}

test('a key with a passphrase: right, wrong and none', { skip }, async (t) => {
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 'x' });
  for (const type of ['ed25519', 'rsa', 'ecdsa']) {
    const identity = join(server.folder, `locked-${type}`);
    await makeKey(identity, type, 'long live open');
    await writeFile(`${server.identity}.pub`, await readFile(`${identity}.pub`));
    await publishTo(t, server, folder, { credentials: { identity, passphrase: 'long live open' } });
    for (const [passphrase, message] of [
      ['wrong one', /passphrase in WWANPI_SSH_PASSPHRASE is wrong/],
      [undefined, /is encrypted/],
    ] as const) {
      await assert.rejects(
        publishTo(t, server, folder, { credentials: { identity, passphrase } }),
        (error) => {
          assert.ok(error instanceof InputError, String(error));
          assert.match(error.message, message);
          assert.ok(!JSON.stringify([error.message, error.hint, error.detail]).includes('wrong one'));
          return true;
        },
      );
    }
  }
});

test('a file that is not a private key is refused by what it is, before anything is sent', {
  skip,
}, async (t) => {
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 'x' });
  const junk = join(server.folder, 'junk');
  await writeFile(junk, 'hello\n');
  for (const [identity, message] of [
    [`${server.identity}.pub`, /is a public key/],
    [junk, /is not a usable private key/],
    [join(server.folder, 'none'), /cannot read .*: no such file/],
  ] as const) {
    await assert.rejects(publishTo(t, server, folder, { credentials: { identity } }), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(publishTo(t, server, folder, { credentials: {} }), /nothing to log in as/);
  assert.doesNotMatch(server.log(), /Accepted/);
});

test("the agent's keys are tried, all of them", { skip }, async (t) => {
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 'x' });
  const other = join(server.folder, 'other');
  await makeKey(other, 'ecdsa');
  await chmod(server.identity, 0o600);
  const agentSocket = await startAgent(t, server.folder, [other, server.identity]);
  await publishTo(t, server, folder, { credentials: { agentSocket } });
  assert.match(server.log(), /Accepted publickey/);
});

test('an agent that is gone or empty is passed over where there is another way', { skip }, async (t) => {
  const server = await startSshServer(t);
  const folder = await makeRelease(t, { a: 'x' });
  const agentSocket = await startAgent(t, server.folder, []);
  for (const socket of [agentSocket, join(server.folder, 'no-agent')]) {
    const credentials = { agentSocket: socket, identity: server.identity };
    await publishTo(t, server, folder, { credentials });
    await assert.rejects(publishTo(t, server, folder, { credentials: { agentSocket: socket } }), InputError);
  }
});

test('a key that is not let in is refused, without trying again', { skip }, async (t) => {
  const server = await startSshServer(t);
  const identity = join(server.folder, 'stranger');
  await makeKey(identity);
  const warnings: string[] = [];
  const attempt = publishTo(t, server, await makeRelease(t, { a: 'x' }), {
    credentials: { identity, password: 'S3cret&' },
    warnings,
  });
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof NetworkError);
    assert.match(
      error.message,
      /does not let .* in with the key .*stranger, the password; it takes publickey/,
    );
    assert.doesNotMatch(error.message, /S3cret/);
    return true;
  });
  assert.deepEqual(warnings, []);
});

for (const how of ['password', 'keyboard-interactive'] as const) {
  test(`a password by ${how}: right and wrong`, { skip: skipUser }, async (t) => {
    const user = await makeUser(t, 'Right&horse');
    const isPrompt = how === 'keyboard-interactive';
    const server = await startSshServer(t, {
      config: isPrompt
        ? ['UsePAM yes', 'PasswordAuthentication no', 'KbdInteractiveAuthentication yes']
        : ['KbdInteractiveAuthentication no'],
    });
    const target = {
      user: user.name,
      host: '127.0.0.1',
      port: server.port,
      path: user.home,
      isInHome: false,
    };
    const folder = await makeRelease(t, { a: 'x' });
    await publishTo(t, server, folder, { target, credentials: { password: 'Right&horse' } });
    assert.match(server.log(), isPrompt ? /Accepted keyboard-interactive/ : /Accepted password/);
    assert.deepEqual(await readFile(join(user.home, 'a'), 'utf8'), 'x');
    const attempt = publishTo(t, server, folder, { target, credentials: { password: 'Wr0ng&horse' } });
    await assert.rejects(attempt, (error) => {
      assert.ok(error instanceof NetworkError);
      assert.match(error.message, /does not let .* in with the password/);
      assert.doesNotMatch(error.message, /Wr0ng/);
      return true;
    });
  });
}
