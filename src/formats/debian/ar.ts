import { VerificationError } from '../../core/errors.ts';

/** One member of an ar archive; a .deb has three (deb(5)). */
export interface ArMember {
  readonly name: string;
  readonly content: Uint8Array;
}

const MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;

/**
 * The members of an ar archive with short names (ar(5)), in order.
 * @throws VerificationError when the bytes are not a whole archive
 */
export function parseAr(bytes: Uint8Array): ArMember[] {
  if (latin1(bytes.subarray(0, MAGIC.length)) !== MAGIC) throw new VerificationError('not an ar archive');
  const members: ArMember[] = [];
  let at = MAGIC.length;
  while (at < bytes.length) {
    const header = latin1(bytes.subarray(at, at + HEADER_BYTES));
    const size = Number(header.slice(48, 58).trim());
    if (
      header.length < HEADER_BYTES ||
      header.slice(58) !== '`\n' ||
      !Number.isSafeInteger(size) ||
      size < 0
    ) {
      throw new VerificationError(`damaged ar archive: no member header at byte ${at}`);
    }
    const start = at + HEADER_BYTES;
    if (start + size > bytes.length) throw new VerificationError('damaged ar archive: cut short');
    members.push({
      name: header.slice(0, 16).trimEnd().replace(/\/$/, ''),
      content: bytes.subarray(start, start + size),
    });
    at = start + size + (size % 2);
  }
  return members;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
