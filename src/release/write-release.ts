import type { Context } from '../core/context.ts';
import type { Disk } from '../core/model.ts';
import { BMAP_BLOCK_BYTES, formatBmap } from '../formats/release-files/bmap.ts';
import type { BuildRequest } from '../recipe/build-request.ts';
import { nameCompressed } from '../recipe/compression.ts';
import { createRangeHasher } from './hash-ranges.ts';
import { mapDisk } from './map-disk.ts';
import { packImage } from './pack-image.ts';
import type { FileSummary } from './read-blocks.ts';
import type { OutputFile } from './write-output.ts';

/**
 * Makes what is released of a finished disk, in one pass over it.
 * @param partialPath where to write a file of this name
 * @returns the files, the image first where it is kept, and the image's size and hash
 */
export async function writeRelease(
  context: Context,
  request: BuildRequest,
  disk: Disk,
  partialPath: (name: string) => string,
): Promise<{ readonly image: FileSummary; readonly files: readonly OutputFile[] }> {
  const done = context.report.step('Release');
  const { compression, recipe } = request;
  const imageName = `${recipe.name}.img`;
  const packedName = nameCompressed(imageName, compression.format);
  const hasher = createRangeHasher(await mapDisk(disk));
  const { image, packed } = await packImage(
    context,
    disk.path,
    compression,
    packedName === undefined ? undefined : partialPath(packedName),
    [hasher.consume],
  );
  const files: OutputFile[] = [];
  if (compression.keepImage) files.push({ name: imageName, kind: 'image', ...image });
  if (packed !== undefined && packedName !== undefined) {
    files.push({ name: packedName, kind: 'packed', ...packed });
  }
  const map = {
    imageSizeBytes: image.sizeBytes,
    blockSizeBytes: BMAP_BLOCK_BYTES,
    ranges: hasher.finish(),
  };
  // bmaptool finds it beside NAME.img as well as beside NAME.img.xz.
  files.push({ name: `${recipe.name}.bmap`, kind: 'bmap', content: formatBmap(map) });
  done();
  return { image, files };
}
