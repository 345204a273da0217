import { chmod, type FileHandle, open, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import type { Disk } from '../core/model.ts';
import { copyBase } from '../image/copy-base.ts';
import { BLOCK_BYTES } from '../recipe/compression.ts';
import { fingerprint } from '../tools/files/fingerprint.ts';
import { getPartialPath } from '../tools/files/partial.ts';
import type { BlockConsumer } from './read-blocks.ts';

/**
 * Copies of a base that images of one run are made in, one after the other, when their .img is not kept. After an image
 * only what differs from the base is copied again, so a further image does not cost a copy of the whole base.
 */
export interface WorkCopies {
  /**
   * Lends a copy of the base to `use`, with the base's bytes and mode. If `use` fails, the copy is removed.
   * @param folder where a new copy is made
   * @param use also gets a consumer for the pass over the finished disk, which learns what differs from the base. The
   *   pass must have known hashes
   */
  with<T>(
    context: Context,
    base: Disk,
    folder: string,
    use: (copy: Disk, learn: BlockConsumer) => Promise<T>,
  ): Promise<T>;
  /** Removes all copies; call it when nobody uses one. */
  close(): Promise<void>;
}

/** A copy, and the base it is of. */
interface Copy {
  readonly base: Base;
  readonly disk: Disk;
  readonly mode: number;
}

/** A base, and the fingerprints of its blocks by their positions, as far as they are known. */
interface Base {
  readonly disk: Disk;
  readonly ids: Map<number, string>;
}

/** The copies of one run. They are of one base at a time: those of another are removed. */
export function openWorkCopies(): WorkCopies {
  let base: Base | undefined;
  let made = 0;
  const idle: Copy[] = [];
  const make = async (context: Context, of: Base, folder: string): Promise<Copy> => {
    made += 1;
    // No image's partial file is named so: theirs have an extension.
    const path = getPartialPath(join(folder, `copy-of-base-${made}`));
    try {
      const disk = await copyBase(context, of.disk, path);
      return { base: of, disk, mode: (await stat(path)).mode & 0o777 };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  };
  const close = async () => {
    for (const { disk } of idle.splice(0)) await rm(disk.path, { force: true });
  };
  return {
    async with(context, disk, folder, use) {
      if (base?.disk !== disk) {
        base = { disk, ids: new Map() };
        await close();
      }
      const copy = idle.pop() ?? (await make(context, base, folder));
      const found = new Map<number, string | undefined>();
      let isRestored = false;
      try {
        const result = await use(copy.disk, (position, _bytes, _hash, id) => void found.set(position, id));
        // The image is finished; without this copy the next one gets a new one.
        isRestored = await restore(copy, found).catch(() => false);
        return result;
      } finally {
        if (isRestored && copy.base === base) idle.push(copy);
        else await rm(copy.disk.path, { force: true });
      }
    },
    close,
  };
}

/**
 * Copies again what differs from the base.
 * @param found the fingerprints of the copy's blocks, by their positions
 * @returns whether the copy, read back, has the base's bytes again
 */
async function restore({ base, disk, mode }: Copy, found: ReadonlyMap<number, string | undefined>) {
  const { sizeBytes } = disk.layout;
  // A root file system that grew is cut off.
  await truncate(disk.path, sizeBytes);
  const source = await open(base.disk.path, 'r');
  const target = await open(disk.path, 'r+');
  try {
    const [original, copy] = [Buffer.alloc(BLOCK_BYTES), Buffer.alloc(BLOCK_BYTES)];
    for (let at = 0; at < sizeBytes; at += BLOCK_BYTES) {
      const length = Math.min(BLOCK_BYTES, sizeBytes - at);
      const id = found.get(at);
      if (id !== undefined && id === base.ids.get(at)) continue;
      const bytes = await readPadded(source, original.subarray(0, length), at);
      const wanted = fingerprint(bytes);
      base.ids.set(at, wanted);
      if (id === wanted) continue;
      await writeDifferences(target, await readPadded(target, copy.subarray(0, length), at), bytes, at);
      if (fingerprint(await readPadded(target, copy.subarray(0, length), at)) !== wanted) return false;
    }
  } finally {
    await source.close();
    await target.close();
  }
  await chmod(disk.path, mode);
  return true;
}

const PIECE_BYTES = 64 * 1024;

/** Writes the pieces that differ, so that holes are kept. */
async function writeDifferences(file: FileHandle, present: Buffer, wanted: Buffer, at: number) {
  for (let start = 0; start < wanted.length; start += PIECE_BYTES) {
    const piece = wanted.subarray(start, start + PIECE_BYTES);
    if (piece.equals(present.subarray(start, start + PIECE_BYTES))) continue;
    await file.write(piece, 0, piece.length, at + start);
  }
}

/** Reads a piece of a file; what lies beyond its end is zero, as in a copy that `copyDisk` has padded. */
async function readPadded(file: FileHandle, bytes: Buffer, at: number): Promise<Buffer> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, at + done);
    if (bytesRead === 0) return bytes.fill(0, done);
    done += bytesRead;
  }
  return bytes;
}
