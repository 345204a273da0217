import type { Disk } from '../core/model.ts';
import type { ByteRange } from '../formats/byte-range.ts';
import { CARD_FILE } from '../formats/card-settings/card-place.ts';
import { MAX_STORED_BYTES } from '../formats/release-files/xz-stored.ts';
import { withBootVolume } from '../image/image-tree.ts';

/**
 * Where wwanpi.txt lies on a disk, so that an .xz can hold it as it is and `wwanpi set` can change it there.
 * @returns undefined if there is none, or it is fragmented or too large; such an image is compressed whole
 */
export async function findCardRange(disk: Disk): Promise<ByteRange | undefined> {
  const [range, ...others] = (await withBootVolume(disk, (fat) => fat.locate(CARD_FILE))) ?? [];
  if (range === undefined || others.length > 0 || range.end - range.start > MAX_STORED_BYTES)
    return undefined;
  const { offsetBytes } = disk.layout.boot;
  return { start: offsetBytes + range.start, end: offsetBytes + range.end };
}
