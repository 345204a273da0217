import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { packageRoot } from '../core/package.ts';
import { hashFile } from '../tools/files/hash.ts';
import type { DebianRecipe } from './debian-recipes.ts';

/** What the root of a base that is built is made of. */
export interface RootFacts {
  readonly recipe: DebianRecipe;
  /** Eight hexadecimal digits. */
  readonly diskId: string;
  readonly epochSeconds: number;
}

/** The path of a file that a base puts into itself, below a folder of overlays/. */
export function findOverlay(overlay: string, path: string): string {
  return join(packageRoot, 'overlays', overlay, path);
}

/** Copies the recipe's overlays into the root; `@@BOOT@@` becomes the boot folder. */
export async function copyOverlays(recipe: DebianRecipe, folder: string): Promise<void> {
  for (const overlay of recipe.overlays) {
    const source = findOverlay(overlay, 'root');
    for (const path of await listFiles(source)) {
      const to = join(folder, path);
      const content = (await readFile(join(source, path), 'utf8')).replaceAll('@@BOOT@@', recipe.bootFolder);
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, content);
      await chmod(to, path.startsWith('etc/sudoers.d/') ? 0o440 : content.startsWith('#!') ? 0o755 : 0o644);
    }
  }
}

/** Identifies the content of the recipe's overlays. */
export async function hashOverlays(recipe: DebianRecipe): Promise<string[]> {
  const sums: string[] = [];
  for (const overlay of recipe.overlays) {
    const source = findOverlay(overlay, '');
    for (const path of await listFiles(source))
      sums.push(`${overlay}/${path} ${await hashFile(join(source, path))}`);
  }
  return sums;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
