import assert from 'node:assert/strict';
import { constants, copyFile, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkExt4, replayJournal } from '../../../src/tools/disk/ext4.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';
import { attachLoop, loopsMissing } from '../../helpers/loop.ts';

test('what a power cut left in the journal is written to its place, inside the disk', async (t) => {
  const context = await createTestContext(t);
  const { exec, tmpDir } = context;
  const disk = await makeImage(context, 'pi.img', { root: { '/note': 'before\n' } });
  const volume = `${disk.path}?offset=${disk.layout.root.offsetBytes}`;
  const debugfs = async (...commands: string[]) => {
    const script = join(tmpDir, 'commands');
    await writeFile(script, `${commands.join('\n')}\n`);
    return (await exec(['debugfs', '-w', '-f', script, volume])).stdout;
  };
  // The block of the file, changed by a transaction that was committed and never written to its place.
  const [block] = /^\d+$/m.exec((await debugfs('blocks /note')).replaceAll(/ +$/gm, '')) ?? [];
  assert.ok(block !== undefined);
  const content = Buffer.alloc(4096);
  content.write('after\n');
  await writeFile(join(tmpDir, 'block'), content);
  await debugfs('jo', `jw -b ${block} ${join(tmpDir, 'block')}`, 'jc');
  assert.match(await debugfs('features'), /needs_recovery/);
  const note = async () => debugfs('cat /note');
  assert.match(await note(), /^before$/m);

  await replayJournal(context, disk);
  assert.doesNotMatch(await debugfs('features'), /needs_recovery/);
  await checkExt4(context, disk);
  assert.match(await note(), /^after$/m);
  await replayJournal(context, disk);
});

/** As on Raspberry Pi OS since Trixie. */
test('with an orphan file, too: files that were open when they were deleted are gone after it', {
  skip: loopsMissing(),
}, async (t) => {
  const context = await createTestContext(t);
  const { exec, tmpDir } = context;
  const disk = await makeImage(context, 'pi.img', { root: { '/note': 'before\n' } });
  const { root } = disk.layout;
  const device = attachLoop(t, disk.path, {
    args: ['--offset', String(root.offsetBytes), '--sizelimit', String(root.sizeBytes)],
  });
  await exec(['mkfs.ext4', '-q', '-F', '-O', 'orphan_file', device]);
  const mounted = join(tmpDir, 'mounted');
  await mkdir(mounted);
  await exec(['mount', device, mounted]);
  const paths = Array.from({ length: 20 }, (_each, index) => join(mounted, `file-${index}`));
  const files = await Promise.all(paths.map((path) => open(path, 'w')));
  try {
    for (const file of files) await file.writeFile(Buffer.alloc(20_000, 1));
    await exec(['sync', '-f', mounted]);
    for (const path of paths) await rm(path);
    await exec(['sync', '-f', mounted]);
    await copyFile(disk.path, `${disk.path}.cut`, constants.COPYFILE_FICLONE);
  } finally {
    for (const file of files) await file.close();
    await exec(['umount', mounted]);
  }
  const cut = { ...disk, path: `${disk.path}.cut` };
  await assert.rejects(checkExt4(context, cut));
  await replayJournal(context, cut);
  await checkExt4(context, cut);
});
