import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DiskError } from '../../../src/core/errors.ts';
import type { Disk } from '../../../src/core/model.ts';
import { assertOutputRoom } from '../../../src/image/assert-output-room.ts';
import { mountSmallDisk } from '../../helpers/small-disk.ts';

test('a folder without room for the image is refused before the work; holes need none', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-room-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'base.img');
  const disk = { path } as Disk;
  const small = await mountSmallDisk(t, 4 << 20);
  if (typeof small === 'string') return t.skip(small);
  const output = join(small.folder, 'not', 'made', 'yet');

  execFileSync('fallocate', ['--length', '3MiB', path]);
  execFileSync('truncate', ['--size', '1GiB', path]);
  await assertOutputRoom(output, disk);

  execFileSync('fallocate', ['--length', '5MiB', path]);
  await assert.rejects(assertOutputRoom(output, disk), (error: unknown) => {
    assert.ok(error instanceof DiskError);
    assert.match(
      error.message,
      /has no room for the image: it needs 5\.24 MB at least, and 4\.19 MB are free$/,
    );
    assert.match(error.hint ?? '', /^make room there, or take another folder: --output/);
    return true;
  });
});
