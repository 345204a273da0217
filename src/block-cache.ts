import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from './context.ts';

/** Small things made from known bytes, under the hash of these. */
export interface BlockCache {
  /** Undefined where there is none, or none that is whole. */
  get(key: string): Promise<Buffer | undefined>;
  put(key: string, content: Buffer): Promise<void>;
  /** Removes what was used longest ago until the section is within its size. */
  prune(): Promise<void>;
}

/** As large as the blocks of some fifty Lite images that have little in common. */
export const MAX_CACHE_BYTES = 8 * 1024 ** 3;
const HASH_BYTES = 32;
const STALE_MS = 3_600_000;

/**
 * The section `name` of the block cache. An entry begins with its own SHA-256, so a torn one, after a kill or a power
 * cut, is known and made again; it gets its name only when it is written, so two runs at once do not meet.
 */
export function openBlockCache(context: Context, name: string, maxBytes = MAX_CACHE_BYTES): BlockCache {
  const folder = join(context.cacheDir, 'blocks', name);
  const pathOf = (key: string) => join(folder, key.slice(0, 2), key);
  return {
    async get(key) {
      const entry = await readFile(pathOf(key)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (entry === undefined) return undefined;
      const content = entry.subarray(HASH_BYTES);
      if (!entry.subarray(0, HASH_BYTES).equals(sha256(content))) return undefined;
      const now = new Date();
      await utimes(pathOf(key), now, now).catch(() => undefined);
      return content;
    },
    async put(key, content) {
      const path = pathOf(key);
      const temporary = `${path}.partial-${process.pid}-${randomBytes(4).toString('hex')}`;
      await mkdir(join(path, '..'), { recursive: true });
      try {
        await writeFile(temporary, Buffer.concat([sha256(content), content]));
        await rename(temporary, path);
      } finally {
        await rm(temporary, { force: true });
      }
    },
    prune: () => pruneFolder(folder, maxBytes),
  };
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
