import { copyFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyChanges } from '../../src/customise/apply-changes.ts';
import { checkImage } from '../../src/customise/check-image.ts';
import { copyBase } from '../../src/image/copy-base.ts';
import { prepareBase, prepareBuild } from '../../src/pipeline.ts';
import { parseBuildOptions } from '../../src/recipe/build-options.ts';
import { readBlocks } from '../../src/release/read-blocks.ts';
import { formatTable, type Lab, median, provideDisk, seconds, timed } from './lab.ts';

const FACTORS = [1, 2, 4];
const ROUNDS = 3;

export const bench = {
  title: 'Cost against size',
  async run(lab: Lab): Promise<string> {
    const rows: string[][] = [];
    const notes: string[] = [];
    for (const kind of ['plain', 'xfs'] as const) {
      const why = await withDisk(lab, kind, async (folder, name) => {
        for (const factor of FACTORS)
          rows.push([name, `${factor} ×`, ...(await measureSize(lab, folder, factor))]);
      });
      if (why !== undefined) notes.push(why);
    }
    return [
      formatTable(['file system', 'image', 'copy', 'write', 'check', 'all three', 'read and hash'], rows),
      '',
      `Median of ${ROUNDS}. Image and data both grow. With reflinks the copy shares the base's blocks, so customising costs`,
      'what changes; reading the image for its SHA-256, as for every byte of the .img.xz, is bound to its size.',
      ...notes,
    ].join('\n');
  },
};

async function measureSize(lab: Lab, folder: string, factor: number): Promise<string[]> {
  const made = await provideDisk(lab, factor);
  const base = join(folder, 'base.img');
  await copyFile(made, base);
  const { context } = lab;
  const { request } = await parseBuildOptions({ base, apn: 'bench', output: folder, password: 'bench' }, {});
  const prepared = await prepareBuild(context, request, await prepareBase(context, request));
  const { changes, epochSeconds } = prepared;
  const image = join(folder, 'image.img');
  const costs: number[][] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    lab.say(`${factor} × on ${folder.endsWith('xfs') ? 'XFS' : 'the disk'}, round ${round + 1}`);
    await rm(image, { force: true });
    let disk = prepared.disk;
    const copy = await timed(async () => {
      disk = await copyBase(context, prepared.disk, image);
    });
    const write = await timed(async () => {
      disk = await applyChanges(context, disk, changes, epochSeconds);
    });
    const check = await timed(() => checkImage(context, disk, changes, epochSeconds));
    const read = await timed(() => readBlocks(context, image, []));
    costs.push([copy, write, check, copy + write + check, read]);
  }
  await rm(image);
  await rm(base);
  return [0, 1, 2, 3, 4].map((index) => seconds(median(costs.map((cost) => cost[index] ?? Number.NaN))));
}

/** @returns why it could not be measured, if so */
async function withDisk(
  lab: Lab,
  kind: 'plain' | 'xfs',
  use: (folder: string, name: string) => Promise<void>,
): Promise<string | undefined> {
  const { exec } = lab.context;
  const folder = join(lab.folder, kind);
  await mkdir(folder);
  if (kind === 'plain') {
    const { stdout } = await exec(['stat', '--file-system', '--format', '%T', folder]);
    await use(folder, stdout.trim() === 'ext2/ext3' ? 'ext4, no reflinks' : stdout.trim());
    return undefined;
  }
  if (process.getuid?.() !== 0) return 'XFS was not measured: mounting needs root.';
  const file = `${folder}.disk`;
  await writeFile(file, '');
  await truncate(file, 20 * 1024 ** 3);
  await exec(['mkfs.xfs', '-q', '-m', 'reflink=1', file]);
  await exec(['mount', '-o', 'loop', file, folder]);
  try {
    await use(folder, 'XFS with reflinks');
  } finally {
    await exec(['umount', folder]);
    await rm(file);
  }
  return undefined;
}
