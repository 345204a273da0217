import { randomBytes } from 'node:crypto';
import { formatCardText } from '../../src/formats/card-settings/card-text.ts';
import type { CardKey } from '../../src/formats/card-settings/keys.ts';
import { encodeXzHeader, encodeXzIndex } from '../../src/formats/release-files/xz.ts';
import { encodeStoredBlock } from '../../src/formats/release-files/xz-stored.ts';

/**
 * An .img.xz with a wwanpi.txt in a Block of its own, between Blocks of noise; all are stored, so it is made at once.
 * @param noiseBytes about so many in all
 */
export function makeCardImage(
  values: Readonly<Partial<Record<CardKey, string>>>,
  noiseBytes = 1_000_000,
): Buffer {
  const noise = Array.from({ length: Math.ceil(noiseBytes / 65_536) }, () => randomBytes(65_536));
  const text = formatCardText(new Map(Object.entries(values) as [CardKey, string][]));
  const blocks = noise.toSpliced(3, 0, Buffer.from(text)).map(encodeStoredBlock);
  return Buffer.concat([encodeXzHeader(), ...blocks.map(({ bytes }) => bytes), encodeXzIndex(blocks)]);
}
