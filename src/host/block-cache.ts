import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../core/context.ts';
import { isDiskFull, isUnwritable } from '../core/errors.ts';
import { fingerprint } from '../tools/files/fingerprint.ts';
import { noteUse } from '../tools/files/note-use.ts';
import { makePartialName } from '../tools/files/partial.ts';

/** A cache of small results, each under the hash of the bytes it was made from. */
export interface BlockCache {
  /**
   * The entry `key`, made by `make` if it is missing or damaged. Simultaneous callers in one process share one call of
   * `make`.
   */
  provide(key: string, make: () => Promise<Buffer>): Promise<Buffer>;
  /**
   * The entry `key` if it is there and not damaged.
   * @param memory to read it into, which nobody else uses; a larger entry gets memory of its own
   */
  read(key: string, memory: Buffer): Promise<Buffer | undefined>;
  /** Removes the least recently used entries of all sections until their total size is within the limit. */
  prune(): Promise<void>;
}

/** Holds the blocks of about fifteen Lite images that have no block in common. */
export const MAX_CACHE_BYTES = 4 * 1024 ** 3;
const HASH_BYTES = 32;
/** Age at which a partial file is taken to be abandoned. A younger one may belong to a run in another container. */
const STALE_MS = 3_600_000;

const making = new Map<string, Promise<Buffer>>();

/**
 * The section `name` of the block cache. An entry begins with its own SHA-256, so an entry that a power cut damaged is
 * recognised and made again. It is renamed to its name after it is written, so two runs do not disturb each other and
 * a kill leaves no partial entry. If the cache cannot be written, entries are not kept, with one warning.
 * @param limits the size of all sections together, and the mode of new entries (less the umask)
 */
export function openBlockCache(
  context: Context,
  name: string,
  { maxBytes = MAX_CACHE_BYTES, mode = 0o666 }: { readonly maxBytes?: number; readonly mode?: number } = {},
): BlockCache {
  const root = join(context.cacheDir, 'blocks');
  const getPath = (key: string) => join(root, name, key.slice(0, 2), key);
  let added = false;
  const provide = async (path: string, make: () => Promise<Buffer>): Promise<Buffer> => {
    const found = await readEntry(path);
    if (found !== undefined) return found;
    const content = await make();
    try {
      await writeEntry(path, content, mode);
      added = true;
    } catch (error) {
      if (!isUnwritable(error) && !isDiskFull(error)) throw error;
      warnOnce(context, root, error);
    }
    return content;
  };
  return {
    provide(key, make) {
      const path = getPath(key);
      const known = making.get(path);
      if (known !== undefined) return known;
      const made = provide(path, make).finally(() => making.delete(path));
      making.set(path, made);
      return made;
    },
    read: (key, memory) => readEntry(getPath(key), memory),
    async prune() {
      if (added) await pruneFolder(root, maxBytes);
      added = false;
    },
  };
}

/** Runs that were warned. */
const told = new WeakSet<Context>();

function warnOnce(context: Context, root: string, error: unknown): void {
  if (told.has(context)) return;
  told.add(context);
  const { code } = error as NodeJS.ErrnoException;
  context.report.warn(`cannot write ${root} (${code}): compressed blocks are not kept for the next image`);
}

/** Entries that this process has checked by their SHA-256, and their fingerprints: the next check of one takes a fifth. */
const checked = new Map<string, string>();

async function readEntry(path: string, memory?: Buffer): Promise<Buffer | undefined> {
  const entry = await readWhole(path, memory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (entry === undefined) return undefined;
  const content = entry.subarray(HASH_BYTES);
  const id = fingerprint(entry);
  if (checked.get(path) !== id && !entry.subarray(0, HASH_BYTES).equals(sha256(content))) return undefined;
  checked.set(path, id);
  await noteUse(path);
  return content;
}

/** In one read; `readFile` takes one for each half mebibyte. */
async function readWhole(path: string, memory: Buffer = Buffer.alloc(0)): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = size > memory.length ? Buffer.allocUnsafeSlow(size) : memory;
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function writeEntry(path: string, content: Buffer, mode: number): Promise<void> {
  const temporary = `${path}${makePartialName()}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, Buffer.concat([sha256(content), content]), { mode });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function pruneFolder(folder: string, maxBytes: number): Promise<void> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = await Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const found = await stat(path).catch(() => undefined);
        return { path, bytes: found?.size ?? 0, usedMs: found?.mtimeMs ?? 0 };
      }),
  );
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  for (const file of files.sort((a, b) => a.usedMs - b.usedMs)) {
    const isStale = file.path.includes('.partial-') && Date.now() - file.usedMs > STALE_MS;
    if (bytes <= maxBytes && !isStale) continue;
    await rm(file.path, { force: true });
    bytes -= file.bytes;
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
