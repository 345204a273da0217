import { printable } from '../printable.ts';

/** One line of a `.wwanpi-owners` file. */
export interface OwnerLine {
  readonly pattern: string;
  readonly user: string;
  readonly group: string;
  /** From 1. */
  readonly line: number;
}

/** The lines of a `.wwanpi-owners` file, and its faults with their lines. */
export interface OwnersFile {
  readonly lines: readonly OwnerLine[];
  readonly faults: readonly { readonly line: number; readonly message: string }[];
}

/** As useradd(8) allows: a name, or a number of at most 32 bits. */
const OWNER = /^(?:[a-z_][a-z0-9_-]{0,31}|\d{1,10})$/;
/** 2^32 - 1 means "no such user" (chown(2)). */
const MAX_ID = 2 ** 32 - 2;

/**
 * Parses a `.wwanpi-owners` file: lines of `PATH-PATTERN USER:GROUP`, with a path as the Pi sees it. Empty lines and
 * lines that begin with `#` are left out. The pattern may have blanks; the last word is the owner.
 */
export function parseOwners(text: string): OwnersFile {
  const lines: OwnerLine[] = [];
  const faults: { line: number; message: string }[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    const trimmed = raw.replace(/^\uFEFF/, '').trim();
    if (trimmed === '' || trimmed.startsWith('#')) return;
    const [, pattern, user, group] = /^(.*\S)\s+([^\s:]*):([^\s:]*)$/.exec(trimmed) ?? [];
    if (pattern === undefined || user === undefined || group === undefined) {
      faults.push({ line, message: 'needs a path and an owner, such as /srv/app/** pi:pi' });
      return;
    }
    const bad = [user, group].find((name) => !OWNER.test(name) || Number(name) > MAX_ID);
    if (bad !== undefined) {
      faults.push({ line, message: `"${printable(bad)}" is neither a name nor a number of a user or group` });
    } else if (!isPlainPath(pattern)) {
      const message = `"${printable(pattern)}" is not a path as the Pi sees it, such as /srv/app/**`;
      faults.push({ line, message });
    } else {
      lines.push({ pattern, user, group, line });
    }
  });
  return { lines, faults };
}

/** Whether a path fits a pattern: `*` and `?` stay in one folder, `**` crosses folders; `/a/**` fits /a itself, too. */
export function matchesPath(pattern: string, path: string): boolean {
  return matchParts(pattern.split('/').slice(1), path.split('/').slice(1));
}

/** Number or name → number, by the names of passwd(5) or group(5); undefined for an unknown name. */
export function findId(file: string, name: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name);
  for (const line of file.split('\n')) {
    const [entry, , id] = line.split(':');
    if (entry === name && id !== undefined && /^\d+$/.test(id)) return Number(id);
  }
  return undefined;
}

function isPlainPath(pattern: string): boolean {
  const parts = pattern.split('/');
  return (
    parts[0] === '' && parts.length > 1 && parts.slice(1).every((part) => !['', '.', '..'].includes(part))
  );
}

function matchParts(pattern: readonly string[], path: readonly string[]): boolean {
  return matchSequence(pattern, path, '**', matchName);
}

function matchName(pattern: string, name: string): boolean {
  return matchSequence([...pattern], [...name], '*', (char, letter) => char === '?' || char === letter);
}

/**
 * Whether a pattern fits all of the items, one after the other; its element `any` fits any number of them. In time that
 * grows with the product of both lengths: no pattern takes long.
 */
function matchSequence(
  pattern: readonly string[],
  items: readonly string[],
  any: string,
  fits: (element: string, item: string) => boolean,
): boolean {
  // Whether what was read of the pattern so far fits the first 0, 1, 2 … items.
  let row = [true, ...items.map(() => false)];
  for (const element of pattern) {
    const next: boolean[] = [];
    for (const [index, reached] of row.entries()) {
      const wasReached = row[index - 1] === true;
      next.push(
        element === any
          ? reached || next[index - 1] === true
          : wasReached && fits(element, items[index - 1] ?? ''),
      );
    }
    row = next;
  }
  return row.at(-1) === true;
}
