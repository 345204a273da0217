import { VerificationError } from '../errors.ts';

/** One member of an ar archive; a .deb has three (deb(5)). */
export interface ArMember {
  readonly name: string;
  readonly content: Uint8Array;
}

const MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;

/**
 * The members of an ar archive with short names (ar(5)), in order.
 * @throws VerificationError when the bytes are no whole archive
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

/** An ar archive of these members, owned by root, all dated `epochSeconds`. Names are at most 15 characters. */
export function formatAr(members: readonly ArMember[], epochSeconds: number): Uint8Array {
  const parts: Uint8Array[] = [Buffer.from(MAGIC, 'latin1')];
  for (const { name, content } of members) {
    const header = [
      name.padEnd(16),
      String(epochSeconds).padEnd(12),
      '0'.padEnd(6),
      '0'.padEnd(6),
      '100644'.padEnd(8),
      String(content.length).padEnd(10),
      '`\n',
    ].join('');
    parts.push(Buffer.from(header, 'latin1'), content);
    if (content.length % 2 === 1) parts.push(Buffer.from('\n', 'latin1'));
  }
  return Buffer.concat(parts);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
