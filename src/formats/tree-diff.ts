import type { BaseFile, BaseFiles, FileChange } from '../core/model.ts';
import { diffTexts, escapeControls } from './text-diff.ts';

/**
 * The plan for people: each path once, in path order, with `+` new, `~` changed, `=` rewritten unchanged, `-` removed,
 * `>` renamed or `?` not read from the base, then its mode, owner, size and stage, and the text as a unified diff. Secrets are
 * shown by their path only.
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
    ['>', 'renamed'],
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
  const path = escapeControls(change.path);
  switch (change.kind) {
    case 'remove':
      return { mark: '-', text: `- ${path}  ${stage}\n` };
    case 'move':
      return { mark: '>', text: `> ${escapeControls(change.from)}/ is renamed to ${path}/  ${stage}\n` };
    case 'symlink': {
      const mark = getMark(change.path, baseFiles);
      return { mark, text: `${mark} ${path} -> ${escapeControls(change.target)}  ${stage}\n` };
    }
    case 'directory': {
      const mark = getMark(change.path, baseFiles);
      return { mark, text: `${mark} ${path}/  ${formatMeta(change)}  ${stage}\n` };
    }
    case 'copy': {
      const mark = getMark(change.path, baseFiles);
      const { sizeBytes, sha256 } = change.source;
      const facts = `${formatMeta(change)}  ${sizeBytes} B, SHA-256 ${sha256.slice(0, 16)}…`;
      return { mark, text: `${mark} ${path}  ${facts}  ${stage}\n` };
    }
    case 'file': {
      const same = old !== undefined && equal(old, change);
      const mark = same ? '=' : getMark(change.path, baseFiles);
      const meta = old === undefined ? formatMeta(change) : formatMetaChange(old, change);
      const size = formatSizes(old, change);
      const secret = change.secret === true;
      const head = `${mark} ${path}  ${meta}  ${secret ? 'secret, not shown' : size}  ${stage}\n`;
      return { mark, text: secret || same ? head : `${head}${formatText(old, change.content)}` };
    }
  }
}

function getMark(path: string, baseFiles: BaseFiles): string {
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
  const lines = diffTexts(old?.content, content) ?? [];
  return lines.map((line) => `    ${line}\n`).join('');
}

function equal(a: BaseFile, b: BaseFile): boolean {
  return (
    a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && Buffer.compare(a.content, b.content) === 0
  );
}
