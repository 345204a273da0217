import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { FileChange } from '../../../src/core/model.ts';
import { applyChanges } from '../../../src/customise/apply-changes.ts';
import { checkImage } from '../../../src/customise/check-image.ts';
import { withImageTree } from '../../../src/image/image-tree.ts';
import { readSystem } from '../../../src/image/read-system.ts';
import { EPOCH } from '../../helpers/changes.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';

const installed = (name: string, architecture: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: ${architecture}\nVersion: 1.0\n`;
const FSTAB =
  'PARTUUID=2ed5c94e-01 /boot/firmware vfat defaults 0 2\nPARTUUID=2ed5c94e-02 / ext4 defaults 0 1\n';

const TABLE = [
  {
    packages: [
      installed('dpkg', 'armhf'),
      installed('ifupdown', 'armhf'),
      installed('isc-dhcp-client', 'armhf'),
    ],
    facts: { architecture: 'armhf', stack: 'ifupdown', bootFolder: '/boot' },
  },
  {
    packages: [
      installed('libc6', 'armhf'),
      installed('dpkg', 'arm64'),
      installed('network-manager', 'arm64'),
    ],
    fstab: FSTAB,
    facts: { architecture: 'arm64', stack: 'networkmanager', bootFolder: '/boot/firmware' },
  },
  {
    packages: ['network-manager', 'ifupdown', 'isc-dhcp-client'].map((name) => installed(name, 'armhf')),
    facts: { architecture: 'armhf', stack: 'ifupdown', bootFolder: '/boot' },
  },
  {
    packages: [installed('network-manager', 'arm64').replace('ok installed', 'ok config-files')],
    facts: { architecture: 'armhf', stack: 'ifupdown', bootFolder: '/boot' },
  },
];

for (const { packages, fstab, facts } of TABLE) {
  test(`a base is ${facts.architecture}, ${facts.stack}, with its FAT volume at ${facts.bootFolder}`, async (t) => {
    const context = await createTestContext(t);
    const disk = await makeImage(context, 'a.img', {
      root: {
        '/var/lib/dpkg/status': `${packages.join('\n')}\n`,
        ...(fstab === undefined ? {} : { '/etc/fstab': fstab }),
      },
    });
    assert.deepEqual(await readSystem(disk), facts);
  });
}

test('a FAT volume at /boot/firmware: files go there, and files of /boot onto the root', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', {
    root: { '/etc/fstab': FSTAB, '/boot/config-6.12': 'old\n', '/boot/firmware/under': 'hidden\n' },
    boot: { 'config.txt': 'arm_64bit=1\n' },
  });
  const meta = { kind: 'file', stage: 'network', mode: 0o644, uid: 0, gid: 0 } as const;
  const changes: FileChange[] = [
    { ...meta, path: '/boot/firmware/wwanpi.txt', content: Buffer.from('apn=internet\n') },
    { ...meta, path: '/boot/config-6.12', content: Buffer.from('new\n') },
  ];
  const applied = await applyChanges(context, disk, changes, EPOCH);
  await checkImage(context, applied, changes, EPOCH);
  const { path, layout } = applied;
  const onFat = execFileSync('mtype', ['-i', `${path}@@${layout.boot.offsetBytes}`, '::wwanpi.txt'], {
    encoding: 'utf8',
  });
  assert.equal(onFat, 'apn=internet\n');
  const cat = ['-R', 'cat /boot/config-6.12', `${path}?offset=${layout.root.offsetBytes}`];
  assert.equal(execFileSync('debugfs', cat, { encoding: 'utf8', stdio: 'pipe' }), 'new\n');
  const places = await withImageTree(applied, (tree) =>
    Promise.all(
      [
        '/boot/firmware/config.txt',
        '/boot/config.txt',
        '/boot/firmware/under',
        '/boot',
        '/boot/firmware/a/b',
      ].map(async (name) => {
        const { volume, volumePath, node, missingParents } = await tree.locate(name);
        return [volume, volumePath, node?.kind, missingParents];
      }),
    ),
  );
  assert.deepEqual(places, [
    ['boot', '/config.txt', 'file', []],
    ['root', '/boot/config.txt', undefined, []],
    ['boot', '/under', undefined, []],
    ['root', '/boot', 'directory', []],
    ['boot', '/a/b', undefined, ['/a']],
  ]);
});
