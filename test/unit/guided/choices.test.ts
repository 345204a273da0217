import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BASES } from '../../../src/base/bases.ts';
import { COMPILED_TARGETS as TARGETS } from '../../../src/base/targets.ts';
import { listBases, listLogins, PI_CHOICES } from '../../../src/guided/choices.ts';
import { findSshKeys } from '../../../src/guided/find-ssh-keys.ts';
import { SSH_KEY } from '../../helpers/recipes.ts';

test('each Pi is offered the bases that it starts, and no other', () => {
  const models = { pi1: ['pi1-32bit'], 'pi2-3': ['pi2-32bit', 'pi3-32bit'], newer: [] };
  for (const { value, bases, disabled = false } of PI_CHOICES) {
    const fit = TARGETS.filter((target) =>
      models[value].every((model) => target.models.includes(model as never)),
    );
    const codenames = models[value].length === 0 ? [] : fit.map(({ codename }) => codename);
    const offered = bases.map((name) => TARGETS.find(({ codename }) => name.endsWith(codename))?.codename);
    assert.deepEqual(offered.toSorted(), codenames.toSorted(), value);
    assert.equal(disabled, bases.length === 0);
    for (const name of bases)
      assert.ok(
        BASES.some((base) => base.name === name),
        name,
      );
    assert.deepEqual(
      listBases({ pi: value }).map((choice) => choice.value),
      bases,
    );
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
