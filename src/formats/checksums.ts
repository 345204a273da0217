import { posix } from 'node:path';

/**
 * The SHA-256 that a text as sha256sum(1) writes it gives for a file: `HASH  NAME`, or with ` *` before the name; the
 * name with or without a folder before it. Lines of any other kind are passed over (a signature around them, say).
 * @returns lower-case hex, or undefined where the file is not listed
 */
export function findChecksum(text: string, fileName: string): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    const [, sha256, name] = /^([0-9a-fA-F]{64}) [ *](.+)$/.exec(line) ?? [];
    if (name !== undefined && posix.basename(name) === fileName) return sha256?.toLowerCase();
  }
  return undefined;
}
