import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../src/core/errors.ts';
import type { BaseFile, FileChange } from '../../../src/core/model.ts';
import { listRequiredFiles, planChanges } from '../../../src/customise/plan-changes.ts';
import { access } from '../../../stage/access.ts';
import { recipeOf, SSH_KEY } from '../../helpers/recipes.ts';
import { baseFile, stretchFacts, stretchFiles } from '../../helpers/stretch-files.ts';

const HASH = `$6$salt$${'a'.repeat(86)}`;

function plan(options: Record<string, unknown>, changed: Record<string, BaseFile | undefined> = {}) {
  const recipe = recipeOf(options);
  const files = stretchFiles(listRequiredFiles(recipe, [access]), changed);
  const { changes } = planChanges(recipe, stretchFacts, files, [], [access]);
  return new Map(changes.map((change) => [change.path, change]));
}

function text(change: FileChange | undefined): string {
  assert.ok(change?.kind === 'file');
  return Buffer.from(change.content).toString();
}

function assertRefused(
  options: Record<string, unknown>,
  changed: Record<string, BaseFile | undefined>,
  says: RegExp,
) {
  assert.throws(
    () => plan(options, changed),
    (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, says);
      return true;
    },
  );
}

/** A Stretch whose first user was never made. */
const NO_PI = {
  '/etc/passwd': baseFile('root:x:0:0:root:/root:/bin/bash\nbob:x:1000:1000::/home/bob:/bin/bash\n'),
  '/etc/shadow': baseFile('root:*:1::::::\nbob:!:1::::::\n', { mode: 0o640, gid: 42 }),
  '/etc/group': baseFile('adm:x:4:\nsudo:x:27:bob\nvideo:x:44:\nbob:x:1000:\n'),
  '/etc/gshadow': baseFile('adm:*::\nsudo:*::bob\nvideo:*::\nbob:!::\n'),
  '/etc/sudoers.d/010_pi-nopasswd': undefined,
  '/etc/skel/.profile': baseFile('# profile\n'),
};

test('pi is renamed in every file that names it, and the new name gets key and password', () => {
  const changes = plan({ user: 'anna', sshKey: [SSH_KEY], passwordHash: HASH });
  assert.deepEqual(changes.get('/home/anna'), {
    ...{ kind: 'move', stage: 'access', path: '/home/anna', from: '/home/pi' },
  });
  assert.equal(
    text(changes.get('/etc/passwd')),
    'root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000:,,,:/home/anna:/bin/bash\n',
  );
  assert.match(text(changes.get('/etc/shadow')), /^anna:\$6\$salt\$a{86}:17709:/m);
  assert.match(text(changes.get('/etc/group')), /^sudo:x:27:anna$/m);
  assert.match(text(changes.get('/etc/group')), /^anna:x:1000:$/m);
  assert.match(text(changes.get('/etc/gshadow')), /^sudo:\*::anna$/m);
  assert.equal(text(changes.get('/etc/subuid')), 'anna:100000:65536\n');
  assert.equal(text(changes.get('/etc/sudoers.d/010_pi-nopasswd')), 'anna ALL=(ALL) NOPASSWD: ALL\n');
  assert.match(text(changes.get('/etc/systemd/system/autologin@.service')), /--autologin anna --noclear/);
  assert.equal(text(changes.get('/home/anna/.ssh/authorized_keys')), `${SSH_KEY}\n`);
  for (const change of changes.values()) {
    if (change.kind === 'file') assert.doesNotMatch(text(change), /\bpi\b/, change.path);
  }
});

test('owner and mode of the account files stay, and hashes are secret', () => {
  const changes = plan({ user: 'anna' });
  const shadow = changes.get('/etc/shadow');
  assert.ok(shadow?.kind === 'file');
  assert.deepEqual([shadow.mode, shadow.gid, shadow.secret], [0o640, 42, true]);
  const sudoers = changes.get('/etc/sudoers.d/010_pi-nopasswd');
  assert.ok(sudoers?.kind === 'file' && sudoers.mode === 0o440);
});

test('keys that pi already has stay', () => {
  const old = { '/home/pi/.ssh/authorized_keys': baseFile('ssh-ed25519 AAAA old\n', { mode: 0o600 }) };
  const changes = plan({ user: 'anna', sshKey: [SSH_KEY] }, old);
  assert.equal(text(changes.get('/home/anna/.ssh/authorized_keys')), `ssh-ed25519 AAAA old\n${SSH_KEY}\n`);
});

test('--user pi changes nothing, and a name like pi is left alone', () => {
  assert.deepEqual([...plan({ user: 'pi' }).keys()], []);
  const twin = { '/etc/group': baseFile('adm:x:4:pi2,pi\npi:x:1000:\npi2:x:1001:\n') };
  assert.match(text(plan({ user: 'anna' }, twin).get('/etc/group')), /^adm:x:4:pi2,anna$/m);
});

test('a base without pi gets the user: id, groups that it has, home and sudo rule', () => {
  const changes = plan({ user: 'anna', passwordHash: HASH }, NO_PI);
  assert.match(text(changes.get('/etc/passwd')), /^anna:x:1001:1001:,,,:\/home\/anna:\/bin\/bash\n/m);
  assert.match(text(changes.get('/etc/shadow')), /^anna:\$6\$salt\$a{86}::0:99999:7:::\n/m);
  assert.equal(
    text(changes.get('/etc/group')),
    'adm:x:4:anna\nsudo:x:27:bob,anna\nvideo:x:44:anna\nbob:x:1000:\nanna:x:1001:\n',
  );
  assert.match(text(changes.get('/etc/gshadow')), /^sudo:\*::bob,anna$/m);
  assert.equal(text(changes.get('/etc/sudoers.d/010_anna-nopasswd')), 'anna ALL=(ALL) NOPASSWD: ALL\n');
  const home = changes.get('/home/anna');
  assert.ok(home?.kind === 'directory' && home.uid === 1001 && home.gid === 1001);
  const profile = changes.get('/home/anna/.profile');
  assert.ok(profile?.kind === 'file' && profile.uid === 1001);
});

test('a base without pi whose user is named keeps it', () => {
  const changes = plan({ user: 'bob', sshKey: [SSH_KEY] }, NO_PI);
  assert.deepEqual(
    [...changes.keys()].filter((path) => !path.startsWith('/home') && !path.startsWith('/etc/ssh')),
    ['/boot/ssh'],
  );
  assert.ok(changes.has('/home/bob/.ssh/authorized_keys'));
});

test('a name that the base uses for something else is refused, and so is a home elsewhere', () => {
  assertRefused({ user: 'root' }, {}, /already has an account root/);
  assertRefused({ user: 'root' }, NO_PI, /already has an account root/);
  assertRefused({ user: 'video' }, {}, /already has a group video/);
  const moved = {
    '/etc/passwd': baseFile('root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000:,,,:/srv/pi:/bin/bash\n'),
  };
  assertRefused({ user: 'anna' }, moved, /home of pi in this base is \/srv\/pi/);
});
