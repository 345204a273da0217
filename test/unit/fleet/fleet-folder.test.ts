import assert from 'node:assert/strict';
import { readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  areFilesIntact,
  readFleetState,
  stampFiles,
  writeFleetState,
} from '../../../src/fleet/fleet-folder.ts';
import type { FleetRecord } from '../../../src/fleet/fleet-state.ts';
import { sha256Text } from '../../../src/tools/files/hash.ts';
import { createTestContext } from '../../helpers/context.ts';

async function makeRecord(t: TestContext) {
  const context = await createTestContext(t);
  const folder = context.tmpDir;
  const files = [
    { name: 'a.img', sizeBytes: 5, sha256: sha256Text('image'), kind: 'image' as const },
    { name: 'a.manifest.json', sizeBytes: 2, sha256: sha256Text('{}'), kind: 'manifest' as const },
  ];
  await writeFile(join(folder, 'a.img'), 'image');
  await writeFile(join(folder, 'a.manifest.json'), '{}');
  const record: FleetRecord = {
    key: 'k',
    stamps: await stampFiles(folder, files),
    result: { name: 'a', apn: 'x', base: 'b', files, seconds: 1, verdict: 'built' },
  };
  return { folder, record, isIntact: () => areFilesIntact(context, folder, record) };
}

const changes: [string, boolean, (folder: string) => Promise<void>][] = [
  ['nothing was done', true, async () => undefined],
  ['one is gone', false, (folder) => rm(join(folder, 'a.manifest.json'))],
  ['one has another size', false, (folder) => writeFile(join(folder, 'a.img'), 'other image')],
  ['one has other bytes', false, (folder) => writeFile(join(folder, 'a.img'), 'imagE')],
  ['one was touched', true, (folder) => utimes(join(folder, 'a.img'), 1, 1)],
  [
    'one is a copy',
    true,
    async (folder) => {
      await writeFile(join(folder, 'copy'), 'image');
      await rename(join(folder, 'copy'), join(folder, 'a.img'));
    },
  ],
];
for (const [what, expected, change] of changes) {
  test(`finished files are ${expected ? '' : 'not '}as recorded when ${what}`, async (t) => {
    const { folder, isIntact } = await makeRecord(t);
    await change(folder);
    assert.equal(await isIntact(), expected);
  });
}

test('the state is kept in the folder, for its owner alone, and leaves nothing beside it', async (t) => {
  const { folder, record } = await makeRecord(t);
  assert.equal((await readFleetState(folder)).size, 0);
  const before = await readdir(folder);
  const state = new Map([['a', record]]);
  await writeFleetState(folder, state);
  assert.deepEqual(await readFleetState(folder), state);
  const [name = '', ...others] = (await readdir(folder)).filter((entry) => !before.includes(entry));
  assert.deepEqual(others, []);
  assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
});
