import { DeviceError } from '../core/errors.ts';
import { type CardPlace, patchCardPlace } from '../formats/card-settings/card-place.ts';
import type { Patch } from '../formats/release-files/xz-stored.ts';
import type { RandomAccess } from '../tools/disk/random-access.ts';
import { UNFINISHED } from './plan-edit.ts';

/**
 * Writes another content of wwanpi.txt in its place, and reads it back. Cut off at any moment it leaves the old content,
 * the new one, or one that is refused: an .img.xz changes content and Check in one write, and a Check that does not fit
 * is refused by every decoder. A raw disk has no check, so its first sector says until the end that the file is
 * incomplete, in a line that the Pi refuses; then its settings stay as they were.
 * @throws DeviceError when what is read back is not what was written
 */
export async function writeCard(access: RandomAccess, place: CardPlace, content: Uint8Array): Promise<void> {
  const patches = patchCardPlace(place, content);
  if (place.format === 'xz') {
    for (const patch of patches) await access.write(patch.offsetBytes, patch.bytes);
  } else {
    const [head, rest] = splitFirstSector(patches, access.sectorBytes);
    const [mark] = splitFirstSector(
      patchCardPlace(place, makeUnfinished(content.length)),
      access.sectorBytes,
    );
    for (const patch of [mark, ...rest, head]) await access.write(patch.offsetBytes, patch.bytes);
  }
  for (const { offsetBytes, bytes } of patches) {
    const found = await access.read(offsetBytes, bytes.length);
    if (Buffer.compare(found, bytes) !== 0) {
      throw new DeviceError(`${access.path} does not return what was written to it`, {
        hint: 'use another card: this one may be worn out, or of a fake capacity',
      });
    }
  }
}

/** The first sector of the file, and all that follows. */
function splitFirstSector(patches: readonly Patch[], sectorBytes: number): [head: Patch, rest: Patch[]] {
  const [first, ...others] = patches as [Patch, ...Patch[]];
  const { offsetBytes, bytes } = first;
  // A sector of the disk; the file begins at a cluster, which begins at a sector.
  const length = Math.min(bytes.length, sectorBytes - (offsetBytes % sectorBytes));
  const tail = bytes.subarray(length);
  return [
    { offsetBytes, bytes: bytes.subarray(0, length) },
    [...(tail.length === 0 ? [] : [{ offsetBytes: offsetBytes + length, bytes: tail }]), ...others],
  ];
}

function makeUnfinished(length: number): Uint8Array {
  const text = `${UNFINISHED}; if you read this, it was cut off: write it again\r\n`;
  const bytes = new Uint8Array(Math.max(length, text.length)).fill(0x20);
  bytes.set(new TextEncoder().encode(text));
  return bytes.subarray(0, length);
}
