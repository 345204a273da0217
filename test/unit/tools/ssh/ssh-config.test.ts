import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InputError } from '../../../../src/core/errors.ts';
import { readSshConfig, type SshHostConfig } from '../../../../src/tools/ssh/ssh-config.ts';
import { createTestContext } from '../../../helpers/context.ts';

/** Reads the text as ~/.ssh/config in a home of its own; `files` are below ~/.ssh. */
async function read(
  t: TestContext,
  text: string,
  host: string,
  { user, files = {} }: { user?: string; files?: Record<string, string> } = {},
): Promise<SshHostConfig & { home: string }> {
  const home = (await createTestContext(t)).tmpDir;
  for (const [name, content] of Object.entries({ config: text.replaceAll('@HOME@', home), ...files })) {
    const path = join(home, '.ssh', name);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, content);
  }
  return { ...(await readSshConfig(join(home, '.ssh/config'), { host, user, home })), home };
}

test('without a file, or for a host that it does not name, everything is usual', async (t) => {
  const { tmpDir: home } = await createTestContext(t);
  const usual = {
    ...{ host: 'example.org', user: undefined, port: undefined, identityFiles: [], identitiesOnly: false },
    ...{ agent: undefined, knownHosts: undefined, notes: [] },
  };
  const query = { host: 'example.org', user: undefined, home };
  assert.deepEqual(await readSshConfig(join(home, '.ssh/config'), query), usual);
  assert.deepEqual(
    { ...(await read(t, 'Host pi\n  Port 2222\n', 'example.org')), home: 0 },
    { ...usual, home: 0 },
  );
});

test('a host with all that wwanpi knows', async (t) => {
  const text = `
    host pi  raspi
      HostName %h.example.org
      USER web
      Port=2222
      IdentityFile "~/.ssh/my key"
      IdentityFile %d/keys/%r-%h
      IdentitiesOnly yes
      IdentityAgent ~/agent.sock
      UserKnownHostsFile ~/.ssh/a ~/.ssh/b`;
  const { home, ...found } = await read(t, text, 'raspi');
  assert.deepEqual(found, {
    ...{ host: 'raspi.example.org', user: 'web', port: 2222, identitiesOnly: true, notes: [] },
    identityFiles: [join(home, '.ssh/my key'), join(home, 'keys/web-raspi.example.org')],
    agent: join(home, 'agent.sock'),
    knownHosts: [join(home, '.ssh/a'), join(home, '.ssh/b')],
  });
});

test('the first value counts, key files add up, and patterns exclude', async (t) => {
  const text = `
    Host *.org !bad.org
      User first
      IdentityFile ~/1
    Host *
      User second
      IdentityFile ~/2`;
  const good = await read(t, text, 'a.org');
  assert.deepEqual([good.user, good.identityFiles.length], ['first', 2]);
  const bad = await read(t, text, 'bad.org');
  assert.deepEqual([bad.user, bad.identityFiles.length], ['second', 1]);
});

test('Match: the host, the user and all; a command is never run', async (t) => {
  const text = `
    Match exec "touch @HOME@/ran"
      User of-exec
    Match host pi exec "touch @HOME@/ran"
      User of-exec
    Match final
      User of-final
    Match originalhost pi localuser ${userInfo().username}
      Port 1
    Match host pi user web,ci
      Port 2
    Match all
      User of-all`;
  const found = await read(t, text, 'pi');
  assert.deepEqual([found.user, found.port], ['of-all', 1]);
  assert.ok(!existsSync(join(found.home, 'ran')));
  assert.match(found.notes.join('\n'), /^.*\.ssh\/config: a block "Match exec" does not apply: [^\n]*$/);
  assert.equal((await read(t, text, 'pi', { user: 'ci' })).user, 'ci');
});

test('Include: relative to ~/.ssh, by pattern, in a block, missing, in a circle', async (t) => {
  const files = {
    'conf.d/a': 'Host pi\n  User of-a\n',
    'conf.d/b': 'Host pi\n  User of-b\n  Port 5\n',
    'conf.d/.hidden': 'Port 7\n',
    circle: 'Include circle\n',
    block: 'HostName inside\n',
  };
  const text = 'Include conf.d/* none\nHost pi\n  Include block\nHost other\n  Port 9\n';
  const found = await read(t, text, 'pi', { files });
  assert.deepEqual([found.user, found.port, found.host], ['of-a', 5, 'inside']);
  assert.equal((await read(t, text, 'other', { files })).port, 9);
  await assert.rejects(read(t, 'Include circle\n', 'pi', { files }), /too many levels of Include/);
  await assert.rejects(read(t, 'Include */x\n', 'pi'), /last part of the path/);
});

test('what wwanpi cannot do, or must not trust, is refused with the reason', async (t) => {
  for (const [text, message] of [
    ['Host pi\n  ProxyJump gate\n', /asks for a jump host to reach pi/],
    ['ProxyCommand nc %h %p\n', /asks for a proxy to reach pi/],
    ['Host pi\n  Port 0\n', /port of pi is not a number/],
  ] as const) {
    await assert.rejects(read(t, text, 'pi'), (error: Error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      return true;
    });
  }
  assert.equal((await read(t, 'ProxyJump none\n', 'pi')).host, 'pi');
  const { home } = await read(t, 'Port 1\n', 'pi');
  await chmod(join(home, '.ssh/config'), 0o664);
  const query = { host: 'pi', user: undefined, home };
  await assert.rejects(readSshConfig(join(home, '.ssh/config'), query), /can be changed by other users/);
});
