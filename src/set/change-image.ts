import { lstat, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Bmap } from '../formats/release-files/bmap.ts';
import type { Signing } from '../release/write-checksums.ts';
import { hashFile } from '../tools/files/hash.ts';
import { type Followed, followRelease } from './follow-release.ts';
import { type PlannedImage, planSiblings, splitName } from './plan-image.ts';
import { type Beside, readBeside } from './read-beside.ts';
import type { SettingChanges } from './read-changes.ts';
import { sumImage } from './sum-image.ts';
import { writeImage } from './write-image.ts';

/** Where the change goes. */
export interface ChangeOptions {
  /** A copy to write; undefined: in place. */
  readonly output: string | undefined;
  readonly force: boolean;
  readonly signing: Signing;
}

/** What was changed. */
export interface ChangeReport extends Followed {
  /** The images that have the new settings, the named one first. */
  readonly paths: readonly string[];
  /** Of the first; undefined if nothing beside it has its hash. */
  readonly sha256: string | undefined;
  /** Time of the write to the first, and of reading it back. */
  readonly writeMs: number;
}

/**
 * Changes an image that `planImage` planned, and what describes it. All is read, checked and hashed before the first
 * write.
 * @throws InputError when the copy cannot be written there, VerificationError when the image is damaged
 */
export async function changeImage(
  context: Context,
  main: PlannedImage,
  changes: SettingChanges,
  { output, force, signing }: ChangeOptions,
): Promise<ChangeReport> {
  const destination = output ?? main.path;
  if (output !== undefined) await assertOutput(main, output, force);
  const beside = await readBeside(main.path);
  const { same, others } =
    output === undefined ? await planSiblings(context, main, changes.values) : { same: [], others: [] };
  const images = [main, ...same];
  const summed = await sumAll(context, images, beside, force);
  const start = performance.now();
  await writeImage(context, main, destination);
  const writeMs = performance.now() - start;
  for (const image of same) await writeImage(context, image, image.path);
  const files = await describeFiles(context, images, summed.files, destination);
  const followed =
    files.size === 0
      ? NOTHING
      : await followRelease(
          beside,
          {
            ...{ values: changes.values, carrier: changes.carrier, files, imageSha256: summed.disk },
            content: main.edit.content,
            imageName: `${splitName(destination).stem}.img`,
          },
          { destination, isCopy: output !== undefined, bmap: summed.bmap, signing },
        );
  return {
    ...followed,
    stale: [...followed.stale, ...others.map((path) => `${path}: it has other settings, and was left alone`)],
    paths: [destination, ...same.map(({ path }) => path)],
    sha256: files.get(basename(destination))?.sha256,
    writeMs,
  };
}

const NOTHING: Followed = { written: [], removed: [], stale: [] };

/** Hashes by path; the raw disk's, and its map, from whichever image shows them first. */
async function sumAll(
  context: Context,
  images: readonly PlannedImage[],
  beside: Beside,
  force: boolean,
): Promise<{
  files: ReadonlyMap<string, string | undefined>;
  disk: string | undefined;
  bmap: Bmap | undefined;
}> {
  const files = new Map<string, string | undefined>();
  let disk: string | undefined;
  let bmap: Bmap | undefined;
  // A raw disk first: it need not be unpacked.
  for (const image of [...images].sort((a, b) => Number(b.format === 'img') - Number(a.format === 'img'))) {
    const sums = await sumImage(context, image, beside, { force, knowsDisk: disk !== undefined });
    if (sums === undefined) continue;
    files.set(image.path, sums.file);
    if (disk !== undefined || sums.disk === undefined) continue;
    ({ disk, bmap } = sums);
  }
  return { files, disk, bmap };
}

async function describeFiles(
  context: Context,
  images: readonly PlannedImage[],
  sums: ReadonlyMap<string, string | undefined>,
  destination: string,
): Promise<Map<string, { sizeBytes: number; sha256: string }>> {
  const files = new Map<string, { sizeBytes: number; sha256: string }>();
  for (const image of images.filter(({ path }) => sums.has(path))) {
    const path = image === images[0] ? destination : image.path;
    const sha256 = sums.get(image.path) ?? (await hashFile(path, context.signal));
    files.set(basename(path), { sizeBytes: (await stat(path)).size, sha256 });
  }
  return files;
}

async function assertOutput({ path }: PlannedImage, output: string, force: boolean): Promise<void> {
  const { suffix } = splitName(path);
  if (!output.endsWith(suffix) || splitName(output).stem === '') {
    throw new InputError(`--output ${output}: the copy of ${basename(path)} ends in ${suffix}, too`);
  }
  const found = await lstat(output).catch(() => undefined);
  if (found !== undefined && !(found.isFile() && force)) {
    const hint = found.isFile() ? 'name another file, or give --force to replace it' : 'name a file';
    throw new InputError(`--output ${output} exists already`, { hint });
  }
  const folder = await stat(dirname(output)).catch(() => undefined);
  if (folder?.isDirectory() !== true) throw new InputError(`--output ${output}: there is no folder for it`);
}
