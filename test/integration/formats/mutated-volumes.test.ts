import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { AppError, InputError } from '../../../src/core/errors.ts';
import { openExt4 } from '../../../src/formats/ext4/ext4-reader.ts';
import { openFat } from '../../../src/formats/fat/fat-reader.ts';
import type { ReadBytes, TreeNode } from '../../../src/formats/tree-reader.ts';
import { compareTrees } from '../../../src/image/compare-trees.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';
import { createRandom, mutate, undo } from '../../helpers/mutate.ts';

/** `FUZZ_SEED=7 FUZZ_SECONDS=600` mutates on, differently. */
const seed = Number(process.env.FUZZ_SEED ?? 1);
const seconds = Number(process.env.FUZZ_SECONDS ?? 0);
const MUTATIONS = 1000;

const CONTENT = {
  root: {
    ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`/many/name-${index}`, 'x'])),
    '/a/b/c/d/e/file': Buffer.alloc(20_000, 'f'),
    '/a/link': { link: 'b/c' },
    '/a/slow': { link: `/usr/${'x'.repeat(100)}` },
    '/etc/text': 'one\ntwo\n',
  },
  boot: {
    '/a/x': 'x',
    '/a/b/long name of a file.txt': Buffer.alloc(5000, 'd'),
    '/a/b/d/e.txt': 'e',
    '/F.TXT': 'f',
  },
};

for (const [kind, fatBits] of [
  ['ext4', '16'],
  ['FAT16', '16'],
  ['FAT32', '32'],
] as const) {
  test(`${kind}: whatever is changed, a walk and a comparison end with a value or an AppError`, async (t) => {
    const context = await createTestContext(t);
    const shape = { mke2fs: ['-I', '256'], ...(fatBits === '32' ? { fatBits, bootSectors: 70_000 } : {}) };
    const disk = await makeImage(context, 'a.img', CONTENT, shape);
    const { offsetBytes, sizeBytes } = kind === 'ext4' ? disk.layout.root : disk.layout.boot;
    const sound = (await readFile(disk.path)).subarray(offsetBytes, offsetBytes + sizeBytes);
    const volume = Buffer.from(sound);
    const open = kind === 'ext4' ? openExt4 : openFat;
    const original = (await open(getReader(sound))).root;
    const spots = listSpots(sound);
    const random = createRandom(seed);
    const counts = { refused: 0, read: 0, slowestMs: 0 };
    const endMs = Date.now() + seconds * 1000;
    for (let round = 0; round < MUTATIONS || Date.now() < endMs; round += 1) {
      const mutations = mutate(volume, spots, random);
      const startMs = performance.now();
      try {
        const opened = await open(getReader(volume));
        const used = await opened.listUsed();
        assert.ok(used.every(({ start, end }, index) => start < end && start >= (used[index - 1]?.end ?? 0)));
        await compareTrees('root', '', original, opened.root);
        await walk(opened.root);
        counts.read += 1;
      } catch (error) {
        assert.ok(
          error instanceof AppError,
          `seed ${seed}, round ${round}: ${String((error as Error).stack)}`,
        );
        counts.refused += 1;
      }
      counts.slowestMs = Math.max(counts.slowestMs, Math.round(performance.now() - startMs));
      undo(volume, mutations);
    }
    assert.ok(volume.equals(sound));
    assert.ok(counts.refused > 50 && counts.read > 50, JSON.stringify(counts));
    t.diagnostic(`${JSON.stringify(counts)}, ${process.resourceUsage().maxRSS >> 10} MiB`);
  });
}

async function walk(node: TreeNode): Promise<void> {
  await node.xattrs();
  if (node.kind === 'symlink') await node.readLink();
  if (node.kind === 'file') await node.read(1024 * 1024);
  if (node.kind !== 'directory') return;
  for (const child of await node.children()) await walk(await child.open());
}

/** Every 32 bytes where something is, in the first blocks that hold metadata. */
function listSpots(volume: Buffer): number[] {
  const zeros = Buffer.alloc(32);
  const spots: number[] = [];
  for (let at = 0; at < volume.length && spots.length < 20_000; at += 32) {
    if (!volume.subarray(at, at + 32).equals(zeros)) spots.push(at);
  }
  return spots;
}

function getReader(volume: Buffer): ReadBytes {
  return async (offset, length) => {
    if (offset + length > volume.length) throw new InputError('beyond the end');
    return Uint8Array.prototype.slice.call(volume, offset, offset + length);
  };
}
