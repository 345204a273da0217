import { structuredPatch } from 'diff';
import type { BaseFile, BaseFiles, FileChange } from '../model.ts';

/** Longest text shown of one change; a whole new script fits, a package database does not. */
const MAX_LINES = 200;

/**
 * The plan as a person reads it: each path once, in path order, with `+` new, `~` changed, `=` rewritten as it
 * was, `-` removed or `?` not known to the base's reading, then its mode, owner, size and stage, and the text
 * as a unified diff. Of secrets only the path shows.
 * @param baseFiles the base's files by path; a path mapped to undefined is known to be absent
 */
export function formatTreeDiff(changes: readonly FileChange[], baseFiles: BaseFiles): string {
  const sorted = [...changes].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const blocks = sorted.map((change) => formatChange(change, baseFiles));
  const counts = new Map<string, number>();
  for (const block of blocks) counts.set(block.mark, (counts.get(block.mark) ?? 0) + 1);
  const words = [
    ['+', 'new'],
    ['~', 'changed'],
    ['=', 'unchanged'],
    ['-', 'removed'],
    ['?', 'written'],
  ] as const;
  const summary = words
    .filter(([mark]) => counts.has(mark))
    .map(([mark, word]) => `${counts.get(mark)} ${word}`)
    .join(', ');
  return `${blocks.map((block) => block.text).join('')}${summary === '' ? 'nothing changes' : summary}\n`;
}

interface Block {
  readonly mark: string;
  readonly text: string;
}

function formatChange(change: FileChange, baseFiles: BaseFiles): Block {
  const old = baseFiles.get(change.path);
  const stage = `[${change.stage}]`;
  const path = printable(change.path);
  switch (change.kind) {
    case 'remove':
      return { mark: '-', text: `- ${path}  ${stage}\n` };
    case 'symlink': {
      const mark = markOf(change.path, baseFiles);
      return { mark, text: `${mark} ${path} -> ${printable(change.target)}  ${stage}\n` };
    }
    case 'directory': {
      const mark = markOf(change.path, baseFiles);
      return { mark, text: `${mark} ${path}/  ${formatMeta(change)}  ${stage}\n` };
    }
    case 'file': {
      const same = old !== undefined && equal(old, change);
      const mark = same ? '=' : markOf(change.path, baseFiles);
      const meta = old === undefined ? formatMeta(change) : formatMetaChange(old, change);
      const size = formatSizes(old, change);
      const secret = change.secret === true;
      const head = `${mark} ${path}  ${meta}  ${secret ? 'secret, not shown' : size}  ${stage}\n`;
      return { mark, text: secret || same ? head : `${head}${formatText(old, change.content)}` };
    }
  }
}

function markOf(path: string, baseFiles: BaseFiles): string {
  if (!baseFiles.has(path)) return '?';
  return baseFiles.get(path) === undefined ? '+' : '~';
}

function formatMeta(meta: { mode: number; uid: number; gid: number }): string {
  return `${meta.mode.toString(8).padStart(4, '0')} ${meta.uid}:${meta.gid}`;
}

function formatMetaChange(old: BaseFile, change: BaseFile): string {
  const [before, after] = [formatMeta(old), formatMeta(change)];
  return before === after ? after : `${before} => ${after}`;
}

function formatSizes(old: BaseFile | undefined, change: BaseFile): string {
  const size = change.content.length;
  return old === undefined || old.content.length === size
    ? `${size} B`
    : `${old.content.length} => ${size} B`;
}

function formatText(old: BaseFile | undefined, content: Uint8Array): string {
  const before = old === undefined ? '' : decodeText(old.content);
  const after = decodeText(content);
  if (before === undefined || after === undefined) return '';
  const lines = structuredPatch('', '', before, after, undefined, undefined, { context: 3 }).hunks.flatMap(
    (hunk) => [`@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`, ...hunk.lines],
  );
  const shown = lines.slice(0, MAX_LINES);
  if (lines.length > shown.length) shown.push(`… ${lines.length - shown.length} more lines`);
  return shown.map((line) => `    ${printable(line)}\n`).join('');
}

/** Text, or undefined for what has a NUL byte or is no UTF-8: that is binary to a reader. */
function decodeText(content: Uint8Array): string | undefined {
  if (content.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

/** A base's files are somebody else's text: nothing in them may drive the terminal. */
function printable(text: string): string {
  return text.replaceAll(
    /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g,
    (c) => `\\x${(c.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
}

function equal(a: BaseFile, b: BaseFile): boolean {
  return (
    a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && Buffer.compare(a.content, b.content) === 0
  );
}
