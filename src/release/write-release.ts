import type { Context } from '../core/context.ts';
import type { Disk } from '../core/model.ts';
import { BMAP_BLOCK_BYTES, formatBmap } from '../formats/release-files/bmap.ts';
import type { BuildRequest } from '../recipe/build-request.ts';
import { nameCompressed } from '../recipe/compression.ts';
import { syncFile } from '../tools/files/replace-file.ts';
import { compressImage } from './compress-image.ts';
import { findCardRange } from './find-card-range.ts';
import { createRangeHasher } from './hash-ranges.ts';
import { mapDisk } from './map-disk.ts';
import type { FileSummary } from './read-blocks.ts';
import type { Reuse } from './shared-work.ts';
import type { OutputFile } from './write-output.ts';

/**
 * Makes the release files of a finished disk in one pass over it.
 * @param partialPath returns the path to write a file of this name to
 * @param reuse what other images of the run had
 * @returns the files (the image first, if it is kept), and the image's size and hash
 */
export async function writeRelease(
  context: Context,
  request: BuildRequest,
  disk: Disk,
  partialPath: (name: string) => string,
  { hashes, learn }: Reuse = {},
): Promise<{ readonly image: FileSummary; readonly files: readonly OutputFile[] }> {
  const done = context.report.step('Release');
  const { compression, recipe } = request;
  const imageName = `${recipe.name}.img`;
  const compressedName = nameCompressed(imageName, compression.format);
  const hasher = createRangeHasher(await mapDisk(disk));
  // The disk writes the image while it is read from memory.
  const synced = compression.keepImage ? syncFile(disk.path) : undefined;
  synced?.catch(() => undefined);
  const { image, compressed } = await compressImage(
    context,
    disk.path,
    compression,
    compressedName === undefined ? undefined : partialPath(compressedName),
    [hasher.consume, ...(learn === undefined ? [] : [learn])],
    await findCardRange(disk),
    hashes,
  );
  await synced;
  const files: OutputFile[] = [];
  if (compression.keepImage) files.push({ name: imageName, kind: 'image', ...image });
  if (compressed !== undefined && compressedName !== undefined) {
    files.push({ name: compressedName, kind: 'packed', ...compressed });
  }
  const map = {
    imageSizeBytes: image.sizeBytes,
    blockSizeBytes: BMAP_BLOCK_BYTES,
    ranges: hasher.finish(),
  };
  // bmaptool finds this name beside NAME.img and beside NAME.img.xz.
  files.push({ name: `${recipe.name}.bmap`, kind: 'bmap', content: formatBmap(map) });
  done();
  return { image, files };
}
