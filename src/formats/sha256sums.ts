/** One line of a SHA256SUMS file. */
export interface Checksum {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * The lines of a SHA256SUMS file (sha256sum(1)), or every fault of it. Unlike sha256sum it takes only names of files
 * beside it: a list that someone else wrote must not make wwanpi read or write anywhere else.
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
    const [, sha256, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (sha256 === undefined || name === undefined) {
      faults.push(`line ${index + 1} is no line of sha256sum`);
      continue;
    }
    const fault = names.has(name) ? 'is listed twice' : fileNameFault(name);
    if (fault !== undefined) faults.push(`line ${index + 1}: ${JSON.stringify(name)} ${fault}`);
    names.add(name);
    checksums.push({ name, sha256 });
  }
  if (lines.length === 0) faults.push('it lists no file');
  return faults.length > 0 ? { faults } : { checksums };
}

/** Why `name` can't be a file of a release, or undefined. `.part` is what an upload under way is called. */
export function fileNameFault(name: string): string | undefined {
  if (name.includes('/') || name === '.' || name === '..') return 'is no name of a file beside it';
  if (/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(name)) return 'holds a control character';
  if (name.endsWith('.part')) return 'ends like an upload under way';
  return undefined;
}
