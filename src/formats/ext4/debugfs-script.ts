import { BugError, InputError } from '../../core/errors.ts';
import type { FileMeta, StoredFile } from '../../core/model.ts';

/** One operation of debugfs. Paths are absolute in the volume, with no symlink among their parents. */
export type Ext4Operation =
  | ({ readonly kind: 'write'; readonly path: string; readonly content: Uint8Array | StoredFile } & FileMeta)
  | ({ readonly kind: 'mkdir'; readonly path: string } & FileMeta)
  | ({ readonly kind: 'set-directory'; readonly path: string } & FileMeta)
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'move'; readonly path: string; readonly from: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'rmdir'; readonly path: string };

/** A script for `debugfs -w -f`, and the source files it reads from its working folder. */
export interface DebugfsScript {
  readonly text: string;
  readonly files: readonly { readonly name: string; readonly content: Uint8Array | StoredFile }[];
}

/** Consecutive blocks of a file system. */
export interface BlockRun {
  readonly first: number;
  readonly count: number;
}

const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;
/** debugfs reads its script through a buffer of BUFSIZ (8192) and takes the rest of a longer line for a new command. */
const MAX_LINE_BYTES = 8000;
/** The limit of the inode's 32 bits; 1.47.0 does not write the extra bits for times after 2038. */
const MAX_EPOCH_SECONDS = 2 ** 31 - 1;

/**
 * Writes operations in debugfs's language (debugfs(8)), with every time stamp set to `epochSeconds`.
 * @param hasCreationTime false for inodes of 128 bytes, which have no crtime
 * @throws InputError for a path or target that the language cannot express
 */
export function formatDebugfsScript(
  operations: readonly Ext4Operation[],
  epochSeconds: number,
  hasCreationTime: boolean,
): DebugfsScript {
  if (!Number.isInteger(epochSeconds) || epochSeconds < 0 || epochSeconds > MAX_EPOCH_SECONDS) {
    throw new BugError(`file time ${epochSeconds} is not between 1970 and 2038`);
  }
  const lines: string[] = [];
  const files: { name: string; content: Uint8Array | StoredFile }[] = [];
  const times = ['atime', 'mtime', 'ctime', ...(hasCreationTime ? ['crtime'] : [])];
  for (const operation of operations) {
    const path = quoteDebugfs(operation.path);
    switch (operation.kind) {
      case 'write': {
        const name = `file-${files.length}`;
        files.push({ name, content: operation.content });
        lines.push(...inParent(operation.path, `write ${name}`), ...setMeta(path, operation, S_IFREG));
        break;
      }
      case 'mkdir':
        lines.push(...inParent(operation.path, 'mkdir'), ...setMeta(path, operation, S_IFDIR));
        break;
      case 'set-directory':
        lines.push(...setMeta(path, operation, S_IFDIR));
        break;
      case 'symlink':
        lines.push(...inParent(operation.path, 'symlink', quoteDebugfs(operation.target)));
        break;
      case 'move':
        // Neither command changes the count of links; `ln` takes the type of the entry from the inode.
        lines.push(...inParent(operation.path, `ln ${quoteDebugfs(operation.from)}`));
        lines.push(`unlink ${quoteDebugfs(operation.from)}`);
        continue;
      case 'unlink':
        lines.push(`rm ${path}`);
        continue;
      case 'rmdir':
        lines.push(`rmdir ${path}`);
        continue;
    }
    for (const field of times) lines.push(`sif ${path} ${field} @${epochSeconds}`);
  }
  const tooLong = lines.find((line) => Buffer.byteLength(line) > MAX_LINE_BYTES);
  if (tooLong !== undefined)
    throw new InputError(`a path in the image is too long: ${tooLong.slice(0, 200)}…`);
  return { text: lines.map((line) => `${line}\n`).join(''), files };
}

/**
 * The same script with some free blocks reserved: they are marked as used before it and as free again after it, so
 * debugfs writes nothing there. This changes the bitmap, not the count of free blocks (debugfs/debugfs.c, do_setb).
 */
export function reserveBlocks(script: DebugfsScript, held: readonly BlockRun[]): DebugfsScript {
  const mark = (command: string) => held.map(({ first, count }) => `${command} ${first} ${count}\n`).join('');
  return { ...script, text: mark('setb') + script.text + mark('freeb') };
}

/**
 * The errors in debugfs's standard error: everything but its banner. debugfs exits 0 even if a command of its
 * script fails (1.47.0), so there is no other sign.
 */
export function parseDebugfsErrors(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^debugfs \d+\.\d+[^ ]* \([^)]*\)$/.test(line));
}

function setMeta(path: string, meta: FileMeta, type: number): string[] {
  return [
    `sif ${path} mode 0${(type | meta.mode).toString(8)}`,
    `sif ${path} uid ${meta.uid}`,
    `sif ${path} gid ${meta.gid}`,
  ];
}

/**
 * A path as one word of debugfs's language. libss has only double quotes, and no escape that works in every version.
 * @throws InputError
 */
export function quoteDebugfs(text: string): string {
  if (/[\x00-\x1f\x7f"]/.test(text) || text === '') {
    throw new InputError(`${JSON.stringify(text)} cannot be a file name or link target in the image`, {
      hint: 'control characters and double quotes are not possible',
    });
  }
  return `"${text}"`;
}

/**
 * A command that creates an entry, by its name after a `cd` to its parent. With a full path, `mkdir /x` would make
 * x in the current folder (1.47.0), and older versions of `write` would make a name with slashes.
 */
function inParent(path: string, command: string, ...rest: readonly string[]): string[] {
  const slash = path.lastIndexOf('/');
  const name = quoteDebugfs(path.slice(slash + 1));
  return [`cd ${quoteDebugfs(path.slice(0, slash) || '/')}`, [command, name, ...rest].join(' ')];
}
