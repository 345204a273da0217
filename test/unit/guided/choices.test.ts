import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findBase } from '../../../src/base/bases.ts';
import { listBases, listLogins, PI_CHOICES } from '../../../src/guided/choices.ts';
import { findSshKeys } from '../../../src/guided/find-ssh-keys.ts';
import { SSH_KEY } from '../../helpers/recipes.ts';

test('each Pi is offered bases that it starts', () => {
  const models = {
    pi1: ['pi1-32bit'],
    'pi2-3': ['pi2-32bit', 'pi3-32bit'],
    newer: ['pi3-64bit', 'pi4-64bit', 'pi5-64bit'],
  } as const;
  for (const { value, bases } of PI_CHOICES) {
    for (const name of bases) {
      for (const model of models[value])
        assert.ok(findBase(name)?.models.includes(model), `${name} on ${model}`);
    }
    assert.deepEqual(
      listBases({ pi: value }).map((choice) => choice.value),
      bases,
    );
    assert.ok(bases.length > 0, value);
  }
});

test('public keys in ~/.ssh are offered, the usual ones first; nothing else is', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'wwanpi-keys-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  assert.deepEqual(await findSshKeys(home), []);
  await mkdir(join(home, '.ssh/id_folder.pub'), { recursive: true });
  const files = {
    'a.pub': `# work\n${SSH_KEY}\n`,
    'id_ed25519.pub': `${SSH_KEY.replace(/ \S+$/, ' me\u2066@home')}\n`,
    ...{ id_ed25519: 'PRIVATE KEY', 'bad.pub': 'ssh-rsa AAAA', 'empty.pub': '\n', known_hosts: SSH_KEY },
    'large.pub': `${SSH_KEY}\n${'#'.repeat(70_000)}`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, '.ssh', name), text);
  const keys = await findSshKeys(home);
  assert.deepEqual(keys, [
    { path: join(home, '.ssh/id_ed25519.pub'), shown: '~/.ssh/id_ed25519.pub', comment: 'me·@home' },
    { path: join(home, '.ssh/a.pub'), shown: '~/.ssh/a.pub', comment: 'test@example' },
  ]);
  assert.deepEqual(
    listLogins(keys).map(({ label }) => label),
    ['With the key ~/.ssh/id_ed25519.pub', 'With the key ~/.ssh/a.pub', 'With a password', 'Nobody logs in'],
  );
});
