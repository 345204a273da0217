import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CliResult, runCli } from '../helpers/cli.ts';
import { hashFolder, makeRelease } from '../helpers/release-folder.ts';
import { openWwanpi } from '../helpers/screen.ts';
import { makeKey, type SshServer, sshServerLack, startSshServer } from '../helpers/ssh-server.ts';
import { startProxy } from '../helpers/tcp-proxy.ts';
import { makeUser, userLack } from '../helpers/throwaway-user.ts';
import { waitFor } from '../helpers/wait-for.ts';

const skip = sshServerLack() ?? false;
const skipUser = sshServerLack() ?? userLack() ?? false;

/** Everything a run left behind to be read: what it printed, and its log. */
async function getText(server: SshServer, result: CliResult): Promise<string> {
  const logs = join(server.folder, 'home/.cache/wwanpi/logs');
  const names = await readdir(logs).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(join(logs, name), 'utf8')));
  return [result.stdout, result.stderr, ...texts].join('\n');
}

/** The command as a user has it who has nothing but a home with known hosts. */
function publish(
  server: SshServer,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<CliResult> {
  const home = join(server.folder, 'home');
  const clean = {
    HOME: home,
    XDG_CACHE_HOME: '',
    SSH_AUTH_SOCK: '',
    WWANPI_SSH_PASSWORD: '',
    WWANPI_SSH_PASSPHRASE: '',
  };
  return runCli(['publish', ...args], { env: { ...clean, ...env } });
}

async function startWithHome(t: TestContext, knownHosts = true): Promise<SshServer> {
  const server = await startSshServer(t);
  await mkdir(join(server.folder, 'home/.ssh'), { recursive: true });
  if (knownHosts) {
    await writeFile(join(server.folder, 'home/.ssh/known_hosts'), await readFile(server.knownHosts));
  }
  return server;
}

const urlOf = ({ user, port, target }: SshServer) => `sftp://${user}@127.0.0.1:${port}${target}`;

test('publishes, says what it did, and the second time that there is nothing to do', { skip }, async (t) => {
  const server = await startWithHome(t);
  const folder = await makeRelease(t, { 'a.img': 500_000, 'a.manifest.json': '{}' }, { 'notes.txt': 'x' });
  const args = [folder, urlOf(server), '--identity', server.identity];
  const planned = await publish(server, [...args, '--dry-run']);
  assert.equal(planned.exitCode, 0, planned.stderr);
  assert.match(planned.stdout, /to send\s+a\.img\n[\s\S]*nothing was changed/);
  assert.deepEqual(await readdir(server.target), []);
  const first = await publish(server, args);
  assert.equal(first.exitCode, 0, first.stderr);
  assert.match(
    first.stderr,
    /✓ Connect +127\.0\.0\.1, ssh-ed25519 SHA256:[\s\S]*✓ Local sums +3 files[\s\S]*✓ Send/,
  );
  assert.match(first.stdout, /sent +a\.img\n +sent +a\.manifest\.json\n +sent +SHA256SUMS\n/);
  const second = await publish(server, [...args, '--json', '--prune', '2']);
  assert.equal(second.exitCode, 0, second.stderr);
  const { sent, unchanged, removed, target, sentBytes } = JSON.parse(second.stdout);
  assert.deepEqual(
    [sent, unchanged, removed, sentBytes, target],
    [[], ['a.img', 'a.manifest.json', 'SHA256SUMS'], [], 0, urlOf(server)],
  );
  assert.deepEqual((await readdir(server.target)).sort(), [
    '.wwanpi-releases.json',
    'SHA256SUMS',
    'a.img',
    'a.manifest.json',
  ]);
});

test('all issues of the command line at once are exit 2, without any use of the network', {
  skip,
}, async (t) => {
  const server = await startWithHome(t);
  const args = ['none', `sftp://u:Geheim9@127.0.0.1:${server.port}/x/../y`, '--prune', '0', '--retries', 'x'];
  const result = await publish(server, [...args, '--host-key', 'SHA256:short']);
  assert.equal(result.exitCode, 2);
  for (const fault of [/holds a password/, /contains \.\./, /--prune/, /--retries/, /--host-key/]) {
    assert.match(result.stderr, fault);
  }
  const mistyped = await publish(server, [...args, 'more']);
  assert.equal(mistyped.exitCode, 2);
  assert.doesNotMatch(result.stderr + mistyped.stderr, /Geheim9/);
});

test('a name of ~/.ssh/config is an address, with the keys and known hosts that it names', {
  skip,
}, async (t) => {
  const server = await startWithHome(t, false);
  const ssh = join(server.folder, 'home/.ssh');
  const folder = await makeRelease(t, { a: 'x' });
  const config = `Host web\n  HostName 127.0.0.1\n  Port ${server.port}\n  UserKnownHostsFile ${server.knownHosts}\n`;
  await writeFile(join(ssh, 'config'), config);
  const without = await publish(server, [folder, `web:${server.target}`]);
  assert.equal(without.exitCode, 2, without.stderr);
  assert.match(without.stderr, /nothing to log in as/);
  // The usual key, which other users must not be able to read.
  const key = join(ssh, 'id_ed25519');
  await writeFile(key, await readFile(server.identity), { mode: 0o644 });
  const open = await publish(server, [folder, `web:${server.target}`]);
  assert.match(open.stderr, /id_ed25519 can be read by other users, and is left out: chmod 600 /);
  await chmod(key, 0o600);
  const usual = await publish(server, [folder, `web:${server.target}`]);
  assert.equal(usual.exitCode, 0, usual.stderr);
  assert.match(
    usual.stdout,
    new RegExp(`sftp://${server.user}@127\\.0\\.0\\.1:${server.port}${server.target}: `),
  );
  await rm(key);
  await writeFile(join(ssh, 'config'), `${config}  IdentityFile ${server.identity}\n  User ${server.user}\n`);
  assert.equal((await publish(server, [folder, `web:${server.target}`])).exitCode, 0);
  await writeFile(join(ssh, 'config'), `${config}  ProxyJump gate\n`);
  const jump = await publish(server, [folder, `web:${server.target}`]);
  assert.equal(jump.exitCode, 2);
  assert.match(jump.stderr, /config asks for a jump host to reach web/);
});

test('an encrypted key in ~/.ssh: the agent has it, or WWANPI_SSH_PASSPHRASE opens it', {
  skip,
}, async (t) => {
  const server = await startWithHome(t);
  const folder = await makeRelease(t, { a: 'x' });
  const key = join(server.folder, 'home/.ssh/id_ed25519');
  await makeKey(key, 'ed25519', 'long live open');
  await writeFile(`${server.identity}.pub`, await readFile(`${key}.pub`));
  const locked = await publish(server, [folder, urlOf(server)]);
  assert.equal(locked.exitCode, 2);
  assert.match(locked.stderr, /id_ed25519 is encrypted, no agent .*\n→ ssh-add the key to the agent; /);
  const opened = await publish(server, [folder, urlOf(server)], { WWANPI_SSH_PASSPHRASE: 'long live open' });
  assert.equal(opened.exitCode, 0, opened.stderr);
});

test('the server and the login are checked before the files are hashed', { skip }, async (t) => {
  const server = await startWithHome(t, false);
  const folder = await makeRelease(t, { 'a.img': 500_000 });
  const screen = openWwanpi(t, ['publish', folder, urlOf(server), '--identity', server.identity], {
    env: { HOME: join(server.folder, 'home'), XDG_CACHE_HOME: '', SSH_AUTH_SOCK: '' },
  });
  assert.equal(await screen.exited(), 5);
  assert.doesNotMatch(screen.history(), /Local sums/);
  const fingerprint = /SHA256:[A-Za-z0-9+/]{43}/.exec(screen.history().replaceAll('\n', ''))?.[0] ?? '';
  const args = ['publish', folder, urlOf(server), '--identity', server.identity, '--host-key', fingerprint];
  const known = openWwanpi(t, args, {
    env: { HOME: join(server.folder, 'home'), XDG_CACHE_HOME: '', SSH_AUTH_SOCK: '' },
  });
  assert.equal(await known.exited(), 0, known.history());
  assert.match(known.history(), /✓ Connect [\s\S]*✓ Local sums [\s\S]*✓ Compare /);
});

test('exit codes: 5 for sums and host keys, 2 for no way to log in, 8 for a refused login', {
  skip,
}, async (t) => {
  const server = await startWithHome(t, false);
  const folder = await makeRelease(t, { a: 'x' });
  const known = ['--known-hosts', server.knownHosts];
  const stranger = join(server.folder, 'stranger');
  await makeKey(stranger);
  const unknown = await publish(server, [folder, urlOf(server), '--identity', server.identity]);
  assert.equal(unknown.exitCode, 5, unknown.stderr);
  const [, fingerprint = ''] = /→ .*--host-key (SHA256:\S+)/.exec(unknown.stderr) ?? [];
  const trusted = await publish(server, [
    folder,
    urlOf(server),
    '--identity',
    server.identity,
    '--host-key',
    fingerprint,
  ]);
  assert.equal(trusted.exitCode, 0, trusted.stderr);
  for (const [exitCode, args, message] of [
    [
      2,
      [folder, urlOf(server), ...known],
      /nothing to log in as .* with: no key in ~\/\.ssh, no agent \(SSH_AUTH_SOCK\), .*\n→ ssh-add/,
    ],
    [2, [server.target.concat('/none'), urlOf(server), '--identity', server.identity], /no such folder/],
    [2, [join(server.folder, 'home'), urlOf(server), '--identity', server.identity], /has no SHA256SUMS/],
    [8, [folder, urlOf(server), ...known, '--identity', stranger], /does not let .* in/],
  ] as const) {
    const result = await publish(server, args);
    assert.equal(result.exitCode, exitCode, result.stderr);
    assert.match(result.stderr, message);
  }
  await writeFile(join(folder, 'a'), 'damaged');
  const damaged = await publish(server, [folder, urlOf(server), ...known, '--identity', server.identity]);
  assert.equal(damaged.exitCode, 5);
  assert.match(damaged.stderr, /nothing was sent:\n {2}- a has SHA-256/);
});

test('passwords and passphrases are in no output, no log and no argument', { skip: skipUser }, async (t) => {
  const secret = "Tr0ub4dor&3 '$x'";
  const user = await makeUser(t, secret);
  const server = await startWithHome(t);
  const folder = await makeRelease(t, { a: 'x' });
  const locked = join(server.folder, 'locked');
  await makeKey(locked, 'ed25519', secret);
  const url = `sftp://${user.name}@127.0.0.1:${server.port}/~/`;
  for (const [exitCode, args, env] of [
    [0, [folder, url], { WWANPI_SSH_PASSWORD: secret }],
    [8, [folder, url], { WWANPI_SSH_PASSWORD: `${secret}!` }],
    [8, [folder, url, '--identity', locked], { WWANPI_SSH_PASSPHRASE: secret }],
    [2, [folder, url, '--identity', locked], { WWANPI_SSH_PASSPHRASE: `${secret}!` }],
  ] as const) {
    const result = await publish(server, args, env);
    assert.equal(result.exitCode, exitCode, result.stderr);
    assert.ok(!(await getText(server, result)).includes('Tr0ub4dor'), result.stderr);
  }
});

test('Ctrl-C leaves only parts and exits 130; the same command goes on', { skip }, async (t) => {
  const server = await startWithHome(t);
  const proxy = await startProxy(t, server.port, { stallAfterBytes: 3_000_000 });
  const folder = await makeRelease(t, { 'a.img': 6_000_000 });
  const url = `sftp://${server.user}@127.0.0.1:${proxy.port}${server.target}`;
  const key = server.hostKeys.get('ssh-ed25519') ?? '';
  await writeFile(join(server.folder, 'home/.ssh/known_hosts'), `[127.0.0.1]:${proxy.port} ${key}\n`);
  const args = ['publish', folder, url, '--identity', server.identity];
  const part = join(server.target, 'a.img.part');
  const env = { HOME: join(server.folder, 'home'), XDG_CACHE_HOME: '', SSH_AUTH_SOCK: '' };
  const size = async () => (await stat(part).catch(() => undefined))?.size ?? 0;
  let isUnderWay = false;
  let isOver = false;
  const stopped = await runCli(args, {
    env,
    onStderr: (text, kill) => {
      if (isUnderWay || !text.includes('Compare')) return;
      isUnderWay = true;
      const isTime = async () => isOver || (await size()) > 1_000_000;
      void waitFor('some of it', isTime).then(() => kill('SIGINT'));
    },
  });
  isOver = true;
  assert.equal(stopped.exitCode, 130, stopped.stderr);
  assert.match(stopped.stderr, /\.part files\n→ the same command resumes the upload/);
  assert.deepEqual((await readdir(server.target)).sort(), [
    '.wwanpi-releases.json',
    'SHA256SUMS.part',
    'a.img.part',
  ]);
  const again = await runCli([...args, '--json'], { env });
  assert.equal(again.exitCode, 0, again.stderr);
  assert.ok(JSON.parse(again.stdout).sentBytes < 5_200_000, again.stdout);
  assert.deepEqual(await hashFolder(server.target), await hashFolder(folder));
});
