import { createHash } from 'node:crypto';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { InputError } from '../../core/errors.ts';
import type { ByteRange } from '../byte-range.ts';

/** The block size of every map that wwanpi writes: bmaptool's. balenaEtcher expects images to be a multiple of it. */
export const BMAP_BLOCK_BYTES = 4096;

/** A run of blocks of an image, both ends included. */
export interface BlockRange {
  readonly first: number;
  readonly last: number;
}

/** A run of blocks to write, with the hash of its bytes. */
export interface BmapRange extends BlockRange {
  /** Lower-case hex, of the bytes that exist: the last block of an image may be short. */
  readonly sha256: string;
}

/** A block map: the blocks of an image that have to be written to a card. The others need not be written. */
export interface Bmap {
  readonly imageSizeBytes: number;
  readonly blockSizeBytes: number;
  /** Ascending, without overlap. */
  readonly ranges: readonly BmapRange[];
}

const ZERO_CHECKSUM = '0'.repeat(64);

/**
 * The map as the text of a .bmap file of format 2.0 (bmaptool, BmapCreate.py). Its own checksum is the SHA-256 of the
 * whole file with that field as 64 zeros.
 */
export function formatBmap({ imageSizeBytes, blockSizeBytes, ranges }: Bmap): string {
  const lines = ranges.map(
    ({ first, last, sha256 }) =>
      `    <Range chksum="${sha256}"> ${first === last ? first : `${first}-${last}`} </Range>\n`,
  );
  const text = `<?xml version="1.0" ?>
<!-- Blocks that have to be written: bmaptool copy IMAGE DEVICE -->
<bmap version="2.0">
  <ImageSize> ${imageSizeBytes} </ImageSize>
  <BlockSize> ${blockSizeBytes} </BlockSize>
  <BlocksCount> ${countBlocks(imageSizeBytes, blockSizeBytes)} </BlocksCount>
  <MappedBlocksCount> ${countMapped(ranges)} </MappedBlocksCount>
  <ChecksumType> sha256 </ChecksumType>
  <BmapFileChecksum> ${ZERO_CHECKSUM} </BmapFileChecksum>
  <BlockMap>
${lines.join('')}  </BlockMap>
</bmap>
`;
  return text.replace(ZERO_CHECKSUM, sha256Of(text));
}

/**
 * Reads a .bmap file of any program, with SHA-256 sums, of format 2.0 or 1.4, which is the same.
 * @throws InputError when it is not a block map, does not match its own checksum, or is inconsistent
 */
export function parseBmap(text: string): Bmap {
  const parsed = documentSchema.safeParse(parseXml(text));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: '' };
    throw new InputError(`not a block map wwanpi can use: ${path.join('.')} ${message}`);
  }
  const { bmap } = parsed.data;
  const checksum = bmap.BmapFileChecksum;
  // The first occurrence is the field itself: bmaptool relies on that too.
  if (sha256Of(text.replace(checksum, ZERO_CHECKSUM)) !== checksum) {
    throw new InputError('the block map was damaged or changed: it does not fit its own checksum');
  }
  const map: Bmap = {
    imageSizeBytes: bmap.ImageSize,
    blockSizeBytes: bmap.BlockSize,
    ranges: bmap.BlockMap.Range.map((range) => ({ ...range['#text'], sha256: range['@chksum'] })),
  };
  checkRanges(map, bmap.BlocksCount, bmap.MappedBlocksCount);
  return map;
}

/** The bytes of a range of a map's image; its last block may be short. */
export function getRangeBytes(
  { blockSizeBytes, imageSizeBytes }: Omit<Bmap, 'ranges'>,
  { first, last }: BlockRange,
): ByteRange {
  return { start: first * blockSizeBytes, end: Math.min((last + 1) * blockSizeBytes, imageSizeBytes) };
}

/** How many blocks of a map have to be written. */
export function countMapped(ranges: readonly BlockRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

function checkRanges(map: Bmap, blocksCount: number, mappedCount: number): void {
  const { imageSizeBytes, blockSizeBytes, ranges } = map;
  let next = 0;
  for (const { first, last } of ranges) {
    if (first < next || last < first) throw contradicts(`range ${first}-${last} is out of order`);
    next = last + 1;
  }
  const expected = countBlocks(imageSizeBytes, blockSizeBytes);
  if (blocksCount !== expected) throw contradicts(`it counts ${blocksCount} blocks, not ${expected}`);
  if (next > blocksCount) throw contradicts('a range lies beyond the end of the image');
  if (mappedCount !== countMapped(ranges)) throw contradicts(`it does not map ${mappedCount} blocks`);
}

/** The validator accepts some texts on which the parser throws. */
function parseXml(text: string): unknown {
  const valid = XMLValidator.validate(text);
  if (valid !== true) {
    throw new InputError(`the block map is damaged: ${valid.err.msg}, line ${valid.err.line}`);
  }
  try {
    return parser.parse(text);
  } catch (error) {
    throw new InputError('the block map is damaged', { cause: error });
  }
}

function contradicts(why: string): InputError {
  return new InputError(`the block map contradicts itself: ${why}`);
}

function countBlocks(sizeBytes: number, blockBytes: number): number {
  return Math.ceil(sizeBytes / blockBytes);
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  isArray: (name) => name === 'Range',
  alwaysCreateTextNode: false,
});

const count = z
  .string('is missing')
  .regex(/^\d{1,15}$/, 'is not a whole number')
  .transform(Number);
const sha256 = z.string('is missing').regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex');
const blocks = z
  .string('is missing')
  .regex(/^\d{1,12}(\s*-\s*\d{1,12})?$/, 'is not a range of blocks')
  .transform((text) => {
    const [first = 0, last = first] = text.split('-').map(Number);
    return { first, last };
  });

const documentSchema = z.object({
  bmap: z.object({
    '@version': z.string('is missing').regex(/^(1\.4|2\.\d+)$/, 'is neither 2.0 nor 1.4'),
    ImageSize: count,
    BlockSize: count.refine((bytes) => bytes > 0, 'is zero'),
    BlocksCount: count,
    MappedBlocksCount: count,
    ChecksumType: z.literal('sha256', 'is not sha256'),
    BmapFileChecksum: sha256,
    // A map without ranges: the parser returns an empty string for an empty element.
    BlockMap: z.union([
      z.object({ Range: z.array(z.object({ '#text': blocks, '@chksum': sha256 }, 'has no chksum')) }),
      z.literal('').transform(() => ({ Range: [] })),
    ]),
  }),
});
