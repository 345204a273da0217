import { stat } from 'node:fs/promises';
import { BASES, findBase } from '../base/bases.ts';
import { fetchProvenBase } from '../base/prove-base.ts';
import { unpackImage } from '../base/unpack-image.ts';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { escapeJson, printable } from '../formats/printable.ts';
import { escapeControls } from '../formats/text-diff.ts';
import { compareImages, type ImageComparison } from '../image/compare-images.ts';
import type { Aspect, FileDifference, FileFacts } from '../image/compare-trees.ts';
import { openDisk } from '../image/open-disk.ts';

/** Two images, and how they differ. */
export interface DiffReport extends ImageComparison {
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** Whether all bytes are the same, including free space. */
  readonly identicalBytes: boolean;
}

/** One of the two images. */
export interface DiffSide {
  /** The argument of the command line. */
  readonly image: string;
  readonly sizeBytes: number;
  /** SHA-256 of the raw image. */
  readonly sha256: string;
}

/** How to compare. */
export interface DiffOptions {
  /** Ignore modification times. */
  readonly ignoreTimes: boolean;
}

/**
 * Compares two images: raw or compressed files, or bases by name.
 * @throws InputError when one of them is not an image
 */
export async function diffImages(
  context: Context,
  before: string,
  after: string,
  { ignoreTimes }: DiffOptions,
): Promise<DiffReport> {
  for (const image of [before, after]) await assertImage(image);
  const [a, b] = [await openSide(context, before), await openSide(context, after)];
  const identicalBytes = a.side.sha256 === b.side.sha256;
  const { layout, files } = identicalBytes
    ? { layout: [], files: [] }
    : await compare(context, a.diskPath, b.diskPath);
  return {
    ...{ before: a.side, after: b.side, identicalBytes, layout },
    files: ignoreTimes ? files.flatMap(withoutTime) : files,
  };
}

/** Whether layout and files are the same, so that only unused bytes can differ. */
export function isSame({ layout, files }: Pick<DiffReport, 'layout' | 'files'>): boolean {
  return layout.length === 0 && files.length === 0;
}

/** The report for `--json`. */
export function formatDiffJson(report: DiffReport): string {
  return `${escapeJson(JSON.stringify(report, undefined, 2))}\n`;
}

/**
 * The report as text: one line per difference (`+` added, `-` removed, `~` changed), and unified diffs of texts.
 * @param stat leaves the unified diffs out
 */
export function formatDiff(report: DiffReport, stat: boolean): string {
  const { layout, files, identicalBytes } = report;
  if (identicalBytes) return 'the same bytes\n';
  const lines = [
    ...layout.map(
      ({ what, before, after }) => `~ ${what}: ${printable(String(before))} => ${printable(String(after))}`,
    ),
    ...files.flatMap((file) => [
      formatFile(file),
      ...(stat ? [] : (file.text ?? []).map((line) => `    ${line}`)),
    ]),
    summarize(report),
  ];
  return `${lines.join('\n')}\n`;
}

async function compare(context: Context, before: string, after: string): Promise<ImageComparison> {
  const step = context.report.step('Compare');
  const disks = [await openDisk(before), await openDisk(after)] as const;
  const result = await compareImages(...disks, context.signal, step.bytes);
  step();
  return result;
}

async function assertImage(image: string): Promise<void> {
  if (findBase(image) !== undefined || (await stat(image).catch(() => undefined))?.isFile()) return;
  const nearest = suggestNearest(
    image,
    BASES.map(({ name }) => name),
  );
  throw new InputError(`there is no image ${image}${nearest === undefined ? '' : `; ${nearest}`}`, {
    hint: 'give .img, .img.xz, .img.zst, .img.gz or .zip files, or a base by its name',
  });
}

async function openSide(context: Context, image: string): Promise<{ diskPath: string; side: DiffSide }> {
  const fetch = findBase(image) === undefined ? unpackImage : fetchProvenBase;
  const { diskPath, imgSha256 } = await fetch(context, image);
  return { diskPath, side: { image, sizeBytes: (await stat(diskPath)).size, sha256: imgSha256 } };
}

function withoutTime(file: FileDifference): FileDifference[] {
  if (file.status !== 'changed') return [file];
  const aspects = file.aspects.filter((aspect) => aspect !== 'mtime');
  return aspects.length === 0 ? [] : [{ ...file, aspects }];
}

const MARKS = { added: '+', removed: '-', changed: '~' } as const;

function formatFile(file: FileDifference): string {
  const { path, status, before, after, aspects, hidden } = file;
  const facts = status === 'changed' ? aspects.map((each) => formatAspect(each, before, after)) : [];
  const whole = status === 'changed' ? undefined : (after ?? before);
  const parts = [
    `${MARKS[status]} ${escapeControls(path)}${whole?.kind === 'directory' ? '/' : ''}`,
    ...(whole === undefined ? [] : describe(whole)),
    ...facts.filter((text) => text !== ''),
    ...(hidden === undefined || hidden === 'binary' ? [] : [NOT_SHOWN[hidden]]),
  ];
  return parts.join('  ');
}

const NOT_SHOWN = { secret: '(secret, not shown)', large: '(too large to show)' } as const;

function describe({ kind, mode, owner, sizeBytes, target, xattrs }: FileFacts): string[] {
  const attributes = xattrs === undefined ? [] : [xattrs.map(escapeControls).join(' ')];
  if (kind === 'symlink') return [`-> ${escapeControls(target ?? '')}`, ...attributes];
  return [`${mode} ${owner}`, ...(kind === 'file' ? [`${sizeBytes} B`] : []), ...attributes];
}

function formatAspect(aspect: Aspect, before: FileFacts | undefined, after: FileFacts | undefined): string {
  const change = (of: (facts: FileFacts) => string | number) =>
    `${before === undefined ? '' : of(before)} => ${after === undefined ? '' : of(after)}`;
  switch (aspect) {
    case 'kind':
      return change(({ kind }) => kind);
    case 'mode':
      return change(({ mode }) => mode);
    case 'owner':
      return change(({ owner }) => owner);
    case 'size':
      return `${change(({ sizeBytes }) => sizeBytes)} B`;
    case 'mtime':
      return change(({ mtimeSeconds }) => formatTime(mtimeSeconds));
    case 'target':
      return change(({ target }) => (target === undefined ? '' : `-> ${escapeControls(target)}`));
    case 'content':
      // A different size is shown already.
      return before?.sizeBytes === after?.sizeBytes ? 'content' : '';
    case 'xattrs':
      return change(({ xattrs }) => (xattrs ?? ['no attributes']).map(escapeControls).join(' '));
  }
}

function formatTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}`;
}

function summarize({ layout, files }: DiffReport): string {
  const count = (status: FileDifference['status']) => files.filter((file) => file.status === status).length;
  const counts = [
    [layout.length, 'of the disk'],
    [count('added'), 'added'],
    [count('removed'), 'removed'],
    [count('changed'), 'changed'],
  ] as const;
  const words = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  if (words.length > 0) return words.join(', ');
  return 'the same files and partitions; bytes that no file has, such as free space, differ';
}
