import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findReservedRanges,
  SMALL_FILE_BYTES,
  splitWrites,
} from '../../../src/customise/cluster-small-files.ts';
import type { Ext4Operation } from '../../../src/formats/ext4/debugfs-script.ts';
import { BLOCK_BYTES } from '../../../src/recipe/compression.ts';

const VOLUME = { blocksCount: (4 * BLOCK_BYTES) / 4096, blockSizeBytes: 4096 };
const MIB = 1024 * 1024;
const blocks = (bytes: number) => bytes / 4096;

test('all free blocks are reserved, except one whole block of the compressed image', () => {
  // The volume begins 1 MiB before a block of the compressed image.
  const offset = BLOCK_BYTES - MIB;
  const used = [
    { start: 0, end: 4096 },
    { start: 2 * MIB, end: 3 * MIB },
    { start: 20 * MIB, end: 21 * MIB },
  ];
  assert.deepEqual(findReservedRanges(used, VOLUME, offset, 20), [
    { first: 1, count: blocks(2 * MIB) - 1 },
    { first: blocks(3 * MIB), count: blocks(6 * MIB) },
    { first: blocks(17 * MIB), count: blocks(3 * MIB) },
    { first: blocks(21 * MIB), count: blocks(11 * MIB) },
  ]);
});

test('nothing is held back where that would leave too little room', () => {
  const everyOther = Array.from({ length: 8 }, (_, index) => ({
    start: index * 4 * MIB,
    end: (index * 4 + 1) * MIB,
  }));
  assert.deepEqual(findReservedRanges(everyOther, VOLUME, 0, 20), []);
  assert.deepEqual(findReservedRanges([], VOLUME, 0, blocks(BLOCK_BYTES) + 1), []);
});

test('what small files need comes before them, in order', () => {
  const meta = { mode: 0o644, uid: 0, gid: 0 };
  const write = (path: string, bytes: number): Ext4Operation => ({
    ...{ kind: 'write', path, content: Buffer.alloc(bytes), ...meta },
  });
  const operations: Ext4Operation[] = [
    { kind: 'unlink', path: '/etc/hostname' },
    write('/etc/hostname', 3),
    { kind: 'mkdir', path: '/opt', ...meta },
    { kind: 'symlink', path: '/opt/a', target: 'b' },
    write('/opt/full', SMALL_FILE_BYTES),
    write('/opt/large', SMALL_FILE_BYTES + 1),
  ];
  const { large, small } = splitWrites(operations);
  assert.deepEqual(
    large.map(({ path }) => path),
    ['/etc/hostname', '/opt', '/opt/large'],
  );
  assert.deepEqual(
    small.map(({ path }) => path),
    ['/etc/hostname', '/opt/a', '/opt/full'],
  );
});
