import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { explainFileError, InputError, InterruptedError } from '../core/errors.ts';
import type { OwnContent } from '../recipe/own-files.ts';
import { makePartialName } from '../tools/files/partial.ts';

/** Where the content of large files is kept for this run, and what stops it. */
export interface Keeper {
  /** A folder of this run alone. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** A regular file as it was read. */
export interface KeptFile {
  readonly content: OwnContent;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Permission bits with set-id bits, no file type. */
  readonly mode: number;
}

/** Larger files are not held in memory. A dry run shows the text of smaller ones. */
const IN_MEMORY_BYTES = 64 * 1024;
const PIECE_BYTES = 1024 * 1024;

/**
 * Reads a file once, from its first byte to its last: into memory, or, if it is large, into the keeper's folder. What
 * happens to the file afterwards does not matter any more. Follows no symlink, and waits for no pipe.
 * @throws InputError with a reason without its subject ("is a folder") if it is no regular file, too large, cannot be
 *   read, or changes meanwhile; InterruptedError
 */
export async function keepFile(path: string, keeper: Keeper, maxBytes: number): Promise<KeptFile> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw new InputError(`cannot be read: ${explainFileError(error)}`, { cause: error });
    },
  );
  try {
    const before = await handle.stat();
    if (!before.isFile()) throw new InputError('is not a file');
    if (before.size > maxBytes) throw new InputError(`is larger than ${maxBytes / 2 ** 20} MiB`);
    const kept = await readAll(handle, before.size, keeper);
    const after = await handle.stat();
    if (kept === undefined || after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
      throw new InputError('changed while it was read; run the command again');
    }
    return { ...kept, mode: before.mode & 0o7777 };
  } finally {
    await handle.close();
  }
}

/** Undefined if the file ends early. */
async function readAll(
  handle: FileHandle,
  sizeBytes: number,
  keeper: Keeper,
): Promise<Omit<KeptFile, 'mode'> | undefined> {
  const hash = createHash('sha256');
  if (sizeBytes <= IN_MEMORY_BYTES) {
    const content = Buffer.alloc(sizeBytes);
    for await (const { piece, offset } of readPieces(handle, sizeBytes, keeper.signal))
      content.set(piece, offset);
    return { content, sizeBytes, sha256: hash.update(content).digest('hex') };
  }
  await mkdir(keeper.folder, { recursive: true });
  const partial = join(keeper.folder, makePartialName());
  const copy = await open(partial, 'wx', 0o600);
  let doneBytes = 0;
  try {
    for await (const { piece } of readPieces(handle, sizeBytes, keeper.signal)) {
      hash.update(piece);
      await copy.writeFile(piece);
      doneBytes += piece.length;
    }
  } finally {
    await copy.close();
  }
  const sha256 = hash.digest('hex');
  const path = join(keeper.folder, sha256);
  await rename(partial, path);
  return doneBytes === sizeBytes ? { content: { path, sizeBytes, sha256 }, sizeBytes, sha256 } : undefined;
}

async function* readPieces(handle: FileHandle, sizeBytes: number, signal: AbortSignal) {
  const buffer = Buffer.alloc(Math.min(PIECE_BYTES, sizeBytes));
  for (let offset = 0; offset < sizeBytes; ) {
    if (signal.aborted) throw new InterruptedError('interrupted');
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, sizeBytes - offset), offset);
    if (bytesRead === 0) return;
    yield { piece: buffer.subarray(0, bytesRead), offset };
    offset += bytesRead;
  }
}
