import assert from 'node:assert/strict';
import test from 'node:test';
import { missingBlocks } from '../../../src/customise/grow-root.ts';
import type { Ext4Superblock } from '../../../src/formats/ext4/ext4-superblock.ts';

/** 612 MiB with 5 % reserved, as mkfs.ext4 makes them. */
const SUPERBLOCK = {
  blocksCount: 156_672,
  freeBlocksCount: 50_000,
  reservedBlocksCount: 7_833,
  firstDataBlock: 0,
  blocksPerGroup: 32_768,
  blockSizeBytes: 4096,
  inodesPerGroup: 8192,
  inodeSizeBytes: 256,
  freeInodesCount: 1000,
} as Ext4Superblock;
const NEEDS = { rootBlocks: 600, rootInodes: 30, bootBytes: 0 };

test('nothing is added where there is room', () => {
  assert.equal(missingBlocks(SUPERBLOCK, NEEDS), 0);
});

test('once grown by what was missing, a file system that ate into its reserve has room', () => {
  const full = { ...SUPERBLOCK, freeBlocksCount: 900 };
  const added = missingBlocks(full, NEEDS);
  const reserved = Math.floor((added * full.reservedBlocksCount) / full.blocksCount);
  const grown = {
    ...full,
    blocksCount: full.blocksCount + added,
    // One group's tables at the most.
    freeBlocksCount: full.freeBlocksCount + added - 512,
    reservedBlocksCount: full.reservedBlocksCount + reserved,
  };
  assert.equal(missingBlocks(grown, NEEDS), 0);
});
