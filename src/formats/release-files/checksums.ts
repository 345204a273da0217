import { posix } from 'node:path';

/** One line of a SHA256SUMS file. */
export interface Checksum {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * The lines of a SHA256SUMS file (sha256sum(1)), or all its faults. Unlike sha256sum it accepts only names of files
 * in the same folder, so a foreign list cannot make wwanpi read or write anywhere else.
 */
export function parseReleaseSums(
  text: string,
): { checksums: readonly Checksum[] } | { faults: readonly string[] } {
  const checksums: Checksum[] = [];
  const faults: string[] = [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const names = new Set<string>();
  for (const [index, line] of lines.entries()) {
    const found = parseLine(line);
    if (found === undefined) {
      faults.push(`line ${index + 1} is not a line of sha256sum`);
      continue;
    }
    const [name, sha256] = found;
    const fault = names.has(name) ? 'is listed twice' : validateFileName(name);
    if (fault !== undefined) faults.push(`line ${index + 1}: ${JSON.stringify(name)} ${fault}`);
    names.add(name);
    checksums.push({ name, sha256 });
  }
  if (lines.length === 0) faults.push('it lists no file');
  return faults.length > 0 ? { faults } : { checksums };
}

/**
 * The text of a SHA256SUMS file (sha256sum(1)) with `entries` added or replaced by name, and without the files of
 * `removed`; other lines are kept.
 */
export function mergeChecksums(
  text: string,
  entries: readonly (readonly [name: string, sha256: string])[],
  removed: Iterable<string> = [],
): string {
  const sums = new Map(parseChecksums(text));
  for (const name of removed) sums.delete(name);
  for (const [name, sha256] of entries) sums.set(name, sha256);
  const names = [...sums.keys()].sort();
  return names.map((name) => `${sums.get(name)}  ${name}\n`).join('');
}

/** The lines of a SHA256SUMS file; other lines are skipped. */
export function parseChecksums(text: string): [name: string, sha256: string][] {
  return text.split('\n').flatMap((line) => {
    const found = parseLine(line);
    return found === undefined ? [] : [found];
  });
}

/**
 * The SHA-256 of a file in the output of sha256sum(1): `HASH  NAME`, or with ` *` before the name; the name may have
 * a folder before it. Other lines are skipped, such as a signature around the text.
 * @returns lower-case hex; undefined if the file is not listed
 */
export function findChecksum(text: string, fileName: string): string | undefined {
  for (const line of text.split(/\r?\n/)) {
    const [, sha256, name] = /^([0-9a-fA-F]{64}) [ *](.+)$/.exec(line) ?? [];
    if (name !== undefined && posix.basename(name) === fileName) return sha256?.toLowerCase();
  }
  return undefined;
}

/** Why `name` cannot be a file of a release, or undefined. `.part` ends the name of an unfinished upload. */
export function validateFileName(name: string): string | undefined {
  if (name.includes('/') || name === '.' || name === '..')
    return 'is not the name of a file in the same folder';
  if (/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(name)) return 'holds a control character';
  if (name.endsWith('.part')) return 'ends like an unfinished upload';
  return undefined;
}

/** Hash and name of a line in wwanpi's form, or undefined. */
function parseLine(line: string): [name: string, sha256: string] | undefined {
  const [, sha256, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
  return sha256 === undefined || name === undefined ? undefined : [name, sha256];
}
