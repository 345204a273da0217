import { BugError, InputError } from '../../core/errors.ts';
import type { ByteRange } from '../byte-range.ts';
import { openFat } from '../fat/fat-reader.ts';
import { parseMbr, SECTOR_BYTES } from '../mbr.ts';
import { isXz } from '../release-files/xz-index.ts';
import {
  findStoredBlock,
  MAX_STORED_BYTES,
  type Patch,
  patchStoredBlock,
  type StoredBlock,
} from '../release-files/xz-stored.ts';
import type { ReadBytes } from '../tree-reader.ts';

/** The name of the settings' file on the boot partition. */
export const CARD_FILE = 'wwanpi.txt';

/** Where wwanpi.txt lies in an image or on a card, and what is in it. */
export type CardPlace =
  | { readonly format: 'xz'; readonly content: Uint8Array; readonly block: StoredBlock }
  | {
      readonly format: 'img';
      readonly content: Uint8Array;
      /** Where its bytes lie on the disk, in the file's order. */
      readonly ranges: readonly ByteRange[];
    };

/**
 * Finds wwanpi.txt in an .img.xz that wwanpi made, in a raw .img, or on a card. Pure, without Node: the command and
 * the catalogue's page both use it. A few ranges of kilobytes are read.
 * @param sizeBytes of the file or card
 * @param read reads a range of it
 * @returns undefined if the image has no wwanpi.txt, or an .img.xz has it compressed
 * @throws InputError when it is no image of a Pi, or is damaged
 */
export async function findCardPlace(sizeBytes: number, read: ReadBytes): Promise<CardPlace | undefined> {
  const head = await read(0, Math.min(sizeBytes, SECTOR_BYTES));
  if (isXz(head)) {
    const block = await findStoredBlock(sizeBytes, read, isCardText);
    return block === undefined ? undefined : { format: 'xz', content: block.content, block };
  }
  const { boot } = parseMbr(head, sizeBytes);
  const volume = await openFat((offset, length) => {
    if (offset + length > boot.sizeBytes)
      throw new InputError('the boot partition is damaged: it is cut short');
    return read(boot.offsetBytes + offset, length);
  });
  const own = await volume.locate(CARD_FILE);
  if (own === undefined) return undefined;
  const ranges = own.map(({ start, end }) => ({
    start: boot.offsetBytes + start,
    end: boot.offsetBytes + end,
  }));
  const sizes = ranges.map(({ start, end }) => end - start);
  const content = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  if (content.length > MAX_STORED_BYTES) throw new InputError(`its ${CARD_FILE} is too large`);
  let done = 0;
  for (const [index, { start }] of ranges.entries()) {
    content.set(await read(start, sizes[index] ?? 0), done);
    done += sizes[index] ?? 0;
  }
  return { format: 'img', content, ranges };
}

/**
 * The bytes to write for another content of wwanpi.txt; of an .img.xz its Check, too.
 * @param content as many bytes as before
 */
export function patchCardPlace(place: CardPlace, content: Uint8Array): Patch[] {
  if (content.length !== place.content.length) throw new BugError('wwanpi.txt keeps its size in an image');
  if (place.format === 'xz') return [patchStoredBlock(place.block, content)];
  let done = 0;
  return place.ranges.map(({ start, end }) => {
    const bytes = content.slice(done, done + end - start);
    done += bytes.length;
    return { offsetBytes: start, bytes };
  });
}

/** Whether bytes are a wwanpi.txt: a text with a line for the APN. */
function isCardText(content: Uint8Array): boolean {
  return /(?:^|[\r\n])[ \t]*#?[ \t]*apn[ \t]*=/i.test(new TextDecoder('latin1').decode(content));
}
