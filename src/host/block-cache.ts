import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../core/context.ts';

/** Small things made from known bytes, under the hash of these. */
export interface BlockCache {
  /**
   * The entry `key`, made by `make` where there is none or none that is whole. Callers of one process that ask for the
   * same at once share one making.
   */
  provide(key: string, make: () => Promise<Buffer>): Promise<Buffer>;
  /** Removes what was used longest ago, of all sections, until they are within their size together. */
  prune(): Promise<void>;
}

/** As large as the blocks of some fifteen Lite images that have nothing in common. */
export const MAX_CACHE_BYTES = 4 * 1024 ** 3;
const HASH_BYTES = 32;
/** What a run that was killed left half written, or one of another container that is still at it. */
const STALE_MS = 3_600_000;
/** The time of use is a reason to write only when it is off by this. */
const USE_GRAIN_MS = 600_000;

const making = new Map<string, Promise<Buffer>>();

/**
 * The section `name` of the block cache. An entry begins with its own SHA-256, so a torn one, after a power cut, is
 * known and made again; it gets its name only when it is written, so two runs at once do not meet and a kill leaves no
 * half entry. Where the cache can't be written, what is made is not kept, with one warning.
 */
export function openBlockCache(context: Context, name: string, maxBytes = MAX_CACHE_BYTES): BlockCache {
  const root = join(context.cacheDir, 'blocks');
  const getPath = (key: string) => join(root, name, key.slice(0, 2), key);
  let added = false;
  const provide = async (path: string, make: () => Promise<Buffer>): Promise<Buffer> => {
    const found = await readEntry(path);
    if (found !== undefined) return found;
    const content = await make();
    try {
      await writeEntry(path, content);
      added = true;
    } catch (error) {
      if (!isUnwritable(error)) throw error;
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
    async prune() {
      if (added) await pruneFolder(root, maxBytes);
      added = false;
    },
  };
}

/** A disk that is read-only or full, or another user's cache: what was made is of use all the same. */
function isUnwritable(error: unknown): boolean {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  // A recursive mkdir of Node 20 on a read-only disk says ENOENT.
  return /^(EROFS|EACCES|EPERM|ENOSPC|EDQUOT)$/.test(code) || (code === 'ENOENT' && syscall === 'mkdir');
}

/** Runs that were told so. */
const told = new WeakSet<Context>();

function warnOnce(context: Context, root: string, error: unknown): void {
  if (told.has(context)) return;
  told.add(context);
  const { code } = error as NodeJS.ErrnoException;
  context.report.warn(`cannot write ${root} (${code}): packed blocks are not kept for the next image`);
}

async function readEntry(path: string): Promise<Buffer | undefined> {
  const entry = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (entry === undefined) return undefined;
  const content = entry.subarray(HASH_BYTES);
  if (!entry.subarray(0, HASH_BYTES).equals(sha256(content))) return undefined;
  await noteUse(path);
  return content;
}

/** Another user's entry can be read, and its time not be set. */
async function noteUse(path: string): Promise<void> {
  const now = new Date();
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now.getTime() }));
  if (now.getTime() - mtimeMs > USE_GRAIN_MS) await utimes(path, now, now).catch(() => undefined);
}

async function writeEntry(path: string, content: Buffer): Promise<void> {
  const temporary = `${path}.partial-${process.pid}-${randomBytes(4).toString('hex')}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, Buffer.concat([sha256(content), content]));
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
