import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BASES } from './bases.ts';
import type { NamedBase } from './named-base.ts';

/** The named bases that are in a cache, unpacked or built; their content is not checked. */
export async function findCachedBases(cacheDir: string): Promise<NamedBase[]> {
  const built = await readdir(join(cacheDir, 'bases')).catch(() => []);
  const isCached = async (base: NamedBase): Promise<boolean> => {
    // Then the key: build-debian-base.ts.
    if (base.kind === 'built') {
      const prefix = `${base.name}-`;
      return built.some(
        (name) => name.startsWith(prefix) && /^[0-9a-f]{32}$/.test(name.slice(prefix.length)),
      );
    }
    const found = await lstat(join(cacheDir, 'disks', base.sha256)).catch(() => undefined);
    return found?.isDirectory() === true;
  };
  const cached = await Promise.all(BASES.map(isCached));
  return BASES.filter((_, index) => cached[index]);
}
