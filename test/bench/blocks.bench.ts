import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTable, type Lab, measure, provideDisk, seconds } from './lab.ts';

const MIB = 1024 * 1024;
const SAMPLE_BYTES = 128 * MIB;
/** Into the data that fills the image, past its boot partition and the first tables. */
const SAMPLE_AT = 384 * MIB;
const SIZES = [2, 4, 8, 16, 24];

export const bench = {
  title: 'Block size of the .xz',
  async run(lab: Lab): Promise<string> {
    const sample = join(lab.folder, 'sample');
    await copyPart(await provideDisk(lab, 1), sample);
    const rows: string[][] = [];
    let middle = 0;
    const found: { size: number; bytes: number; one: number }[] = [];
    for (const size of SIZES) {
      lab.say(`${size} MiB`);
      const xz = await measure(['xz', '-T2', '-6', `--block-size=${size}MiB`, '--keep', '--force', sample]);
      const { size: bytes } = await stat(`${sample}.xz`);
      if (size === 8) middle = bytes;
      found.push({ size, bytes, one: (xz.seconds * 2 * size * MIB) / SAMPLE_BYTES });
    }
    for (const { size, bytes, one } of found) {
      rows.push([`${size} MiB`, `${((bytes / middle - 1) * 100).toFixed(1)} %`, seconds(one)]);
    }
    await rm(sample);
    return [
      formatTable(['block size', 'size of the .xz against 8 MiB', 'one changed block, on one core'], rows),
      '',
      '128 MiB of dense data at level 6. Two carriers differ in three blocks, whatever the size: one inode table, the block',
      'that small files are put into, and the one with the copy of wwanpi.txt. What is left to choose by is the size of the .xz, the memory',
      'of the encoders and that a decoder uses as many cores as there are blocks.',
    ].join('\n');
  },
};

async function copyPart(from: string, to: string): Promise<void> {
  const source = await open(from, 'r');
  const target = await open(to, 'w');
  const bytes = Buffer.alloc(8 * MIB);
  for (let at = 0; at < SAMPLE_BYTES; at += bytes.length) {
    await source.read(bytes, 0, bytes.length, SAMPLE_AT + at);
    await target.write(bytes, 0, bytes.length, at);
  }
  await source.close();
  await target.close();
}
