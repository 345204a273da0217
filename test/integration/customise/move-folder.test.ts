import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../src/core/errors.ts';
import type { FileChange } from '../../../src/core/model.ts';
import { applyChanges } from '../../../src/customise/apply-changes.ts';
import { checkImage } from '../../../src/customise/check-image.ts';
import { assertCleanBase } from '../../../src/image/assert-clean.ts';
import { withImageTree } from '../../../src/image/image-tree.ts';
import { readBaseFiles } from '../../../src/image/read-base-files.ts';
import { EPOCH } from '../../helpers/changes.ts';
import { createTestContext } from '../../helpers/context.ts';
import { type ImageContent, makeImage, PI_FEATURES } from '../../helpers/image.ts';

const MOVE: FileChange = { kind: 'move', stage: 'access', path: '/home/anna', from: '/home/pi' };
const USER = { uid: 1000, gid: 1000 };
const CHANGES: readonly FileChange[] = [
  MOVE,
  { kind: 'directory', stage: 'access', path: '/home/anna/.ssh', mode: 0o700, ...USER },
  {
    ...{ kind: 'file', stage: 'access', path: '/home/anna/.ssh/authorized_keys', mode: 0o600, ...USER },
    content: Buffer.from('key\n'),
  },
  { kind: 'remove', stage: 'access', path: '/home/anna/.old' },
];
const HOME = {
  '/home/pi/.bashrc': 'bashrc\n',
  '/home/pi/.old': 'old\n',
  '/home/pi/deep/er/file': 'deep\n',
};

for (const [kind, mke2fs] of [
  ['of a stock image', ['-O', PI_FEATURES]],
  ['with checksums', ['-O', 'metadata_csum,64bit']],
] as const) {
  test(`a folder gets another name with all that is in it, on a root ${kind}`, async (t) => {
    const context = await createTestContext(t);
    const disk = await makeImage(context, 'a.img', { root: HOME }, { mke2fs });
    const before = await withImageTree(disk, async (tree) => (await tree.locate('/home/pi')).node);
    const applied = await applyChanges(context, disk, CHANGES, EPOCH);
    await checkImage(context, applied, CHANGES, EPOCH);
    await assertCleanBase(context, applied);
    const after = await withImageTree(applied, async (tree) => ({
      names: await (await tree.locate('/home')).node?.list(),
      mtime: (await tree.locate('/home/anna')).node?.mtimeSeconds,
    }));
    assert.deepEqual(after.names, ['anna']);
    assert.equal(after.mtime, before?.mtimeSeconds, 'only what is written gets a new time');
    const files = await readBaseFiles(applied, ['/home/anna/deep/er/file', '/home/anna/.bashrc']);
    assert.equal(Buffer.from(files.get('/home/anna/deep/er/file')?.content ?? []).toString(), 'deep\n');
    assert.ok(files.get('/home/anna/.bashrc'));
  });
}

test('a folder that is a link, or is not there, or whose new name is taken, is refused', async (t) => {
  const context = await createTestContext(t);
  const roots: readonly NonNullable<ImageContent['root']>[] = [
    { '/home/other': 'x' },
    { '/home/pi': { link: '/etc' }, '/etc/passwd': 'x' },
    { ...HOME, '/home/anna/file': 'hers' },
  ];
  for (const root of roots) {
    const disk = await makeImage(context, 'a.img', { root });
    await assert.rejects(applyChanges(context, disk, [MOVE], EPOCH), (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, /^cannot rename \/home\/pi/);
      return true;
    });
  }
});
