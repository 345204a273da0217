import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { VerificationError } from '../../../src/core/errors.ts';
import type { FileChange } from '../../../src/core/model.ts';
import { applyChanges } from '../../../src/customise/apply-changes.ts';
import { checkImage } from '../../../src/customise/check-image.ts';
import { describeChange } from '../../../src/release/manifest.ts';
import { sha256Text } from '../../../src/tools/files/hash.ts';
import { BASE, EPOCH, META } from '../../helpers/changes.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';

test('a large file is written from where it is kept, on both volumes, and read back in pieces', async (t) => {
  const context = await createTestContext(t);
  const disk = await makeImage(context, 'a.img', BASE);
  const keep = async (name: string, content: Buffer) => {
    const path = join(context.tmpDir, name);
    await writeFile(path, content);
    return { path, sizeBytes: content.length, sha256: sha256Text(content) };
  };
  // With a hole's worth of zeros in its middle.
  const large = Buffer.concat([
    Buffer.alloc(5_000_000, 'wwanpi'),
    Buffer.alloc(3_000_000),
    Buffer.from('end'),
  ]);
  const source = await keep('large', large);
  const changes: FileChange[] = [
    { ...META, kind: 'copy', path: '/srv/app/large', source, mode: 0o640, uid: 1000, gid: 33 },
    {
      ...META,
      kind: 'copy',
      path: '/boot/overlays/large.dtbo',
      source: await keep('small', Buffer.alloc(70_000, 'x')),
    },
    { ...META, kind: 'file', path: '/boot/config.txt', content: Buffer.from('arm_64bit=0\n') },
  ];
  const applied = await applyChanges(context, disk, changes, EPOCH, 20 * 2 ** 20);
  assert.ok(applied.layout.root.sizeBytes > disk.layout.root.sizeBytes, 'room for what is installed later');
  await checkImage(context, applied, changes, EPOCH);
  assert.deepEqual(describeChange(changes[0] as FileChange), {
    ...{ path: '/srv/app/large', kind: 'file', stage: 'test', mode: '0640', uid: 1000, gid: 33 },
    ...{ sizeBytes: large.length, sha256: source.sha256 },
  });
  const other: FileChange = {
    ...META,
    kind: 'copy',
    path: '/srv/app/large',
    source: { ...source, sha256: '0'.repeat(64) },
    mode: 0o640,
    uid: 1000,
    gid: 33,
  };
  await assert.rejects(checkImage(context, applied, [other], EPOCH), (error: unknown) => {
    assert.ok(error instanceof VerificationError);
    assert.match(error.message, /SHA-256 is [0-9a-f]{64}, not 0{64}/);
    return true;
  });
});
