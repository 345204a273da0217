import { stat } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import { InterruptedError, VerificationError } from '../core/errors.ts';
import type { ByteRange } from '../formats/byte-range.ts';
import { type Bmap, getRangeBytes, parseBmap } from '../formats/release-files/bmap.ts';
import { withBar } from '../tools/files/hash-with-bar.ts';
import { hashChange } from './hash-change.ts';
import { type PlannedImage, readDisk, readFileChunks } from './plan-image.ts';
import { type Beside, findListed, hasHashes } from './read-beside.ts';

/** The hashes of an image after its change, and of its raw disk. */
export interface ImageSums {
  /** Of the file; undefined for an .img.zst, which is not written yet. */
  readonly file: string | undefined;
  /** Of the raw disk; undefined if nothing beside the image needs it. */
  readonly disk: string | undefined;
  /** The block map after the change; undefined if there is none, or it fits another image. */
  readonly bmap: Bmap | undefined;
}

/**
 * Hashes an image as it will be, before anything is written: one read of the file, and of a compressed one that is
 * described by its disk's hash, one decompression. The same read shows whether the file is the one that SHA256SUMS lists:
 * the sums of a damaged image must not come out right.
 * @param options.knowsDisk the raw disk lies beside it and is hashed already
 * @throws VerificationError when it is not
 */
export async function sumImage(
  context: Context,
  image: PlannedImage,
  beside: Beside,
  { force, knowsDisk }: { readonly force: boolean; readonly knowsDisk: boolean },
): Promise<ImageSums | undefined> {
  const needs = hasHashes(beside, image.path);
  if (!needs.file) return undefined;
  const bmap = readMap(beside.bmap);
  const changed = findChangedRanges(bmap, image);
  const bytes = changed.map(({ range }) => range);
  const file = await hashFile(context, image, bytes);
  const listed = findListed(beside, image.path);
  if (listed !== undefined && listed !== file.before && !force) {
    throw new VerificationError(`${image.path} is not the file that SHA256SUMS lists; nothing was changed`, {
      detail: `listed:  ${listed}\nis:      ${file.before}`,
      hint: 'fetch or build it again; or give --force, if you know why it differs',
    });
  }
  const disk =
    image.format === 'img'
      ? file
      : needs.disk && !knowsDisk
        ? await hashDisk(context, image, bytes)
        : undefined;
  const hashes = disk?.ranges ?? [];
  const ranges = bmap?.ranges.map((range, index) => {
    const at = changed.findIndex((each) => each.index === index);
    return at === -1 ? range : { ...range, sha256: hashes[at] ?? '' };
  });
  return {
    file: image.format === 'zst' ? undefined : file.after,
    disk: disk?.after,
    bmap: bmap === undefined || ranges === undefined ? undefined : { ...bmap, ranges },
  };
}

async function hashFile(context: Context, image: PlannedImage, ranges: readonly ByteRange[]) {
  const { size } = await stat(image.path);
  return hashWith(context, `hashing ${image.path}`, size, (onBytes) =>
    hashChange(
      readFileChunks(image.path, context.signal),
      image.filePatches ?? [],
      image.format === 'img' ? ranges : [],
      onBytes,
    ),
  );
}

async function hashDisk(context: Context, image: PlannedImage, ranges: readonly ByteRange[]) {
  return hashWith(context, `hashing what is in ${image.path}`, undefined, (onBytes) =>
    readDisk(context, image, (chunks) => hashChange(chunks, image.diskPatches, ranges, onBytes)),
  );
}

async function hashWith<T>(
  context: Context,
  title: string,
  totalBytes: number | undefined,
  work: (onBytes: (count: number) => void) => Promise<T>,
): Promise<T> {
  try {
    return await withBar(context, title, totalBytes, work);
  } catch (error) {
    // Node's own AbortError would be a bug to whoever prints it.
    if (context.signal.aborted) throw new InterruptedError('interrupted; nothing was changed');
    throw error;
  }
}

function readMap(text: string | undefined): Bmap | undefined {
  if (text === undefined) return undefined;
  try {
    return parseBmap(text);
  } catch {
    return undefined;
  }
}

/** The ranges of a block map that a change touches, as bytes. */
function findChangedRanges(bmap: Bmap | undefined, { diskPatches }: PlannedImage) {
  if (bmap === undefined) return [];
  return bmap.ranges
    .map((blocks, index) => ({ index, range: getRangeBytes(bmap, blocks) }))
    .filter(({ range }) =>
      diskPatches.some(
        ({ offsetBytes, bytes }) => offsetBytes < range.end && offsetBytes + bytes.length > range.start,
      ),
    );
}
