import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { BugError } from '../core/errors.ts';
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

const FOLDER = join(packageRoot, 'overlays');

/** The path of a file of the recipe's overlays: of the last one that has it. */
export function findOverlayFile({ overlays }: Pick<DebianRecipe, 'overlays'>, path: string): string {
  const found = overlays.map((overlay) => join(FOLDER, overlay, path)).findLast((each) => existsSync(each));
  if (found === undefined) throw new BugError(`no overlay of ${overlays.join(' and ')} has ${path}`);
  return found;
}

/** Copies what the overlays have below root/ into the root; `@@BOOT@@` becomes the boot folder. */
export async function copyOverlays(recipe: DebianRecipe, folder: string): Promise<void> {
  for (const [source] of (await listFiles(recipe)).filter(([each]) => each.startsWith('root/'))) {
    const path = source.slice('root/'.length);
    const to = join(folder, path);
    const text = await readFile(findOverlayFile(recipe, source), 'utf8');
    const content = text.replaceAll('@@BOOT@@', recipe.bootFolder);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, content);
    await chmod(to, path.startsWith('etc/sudoers.d/') ? 0o440 : content.startsWith('#!') ? 0o755 : 0o644);
  }
}

/** Identifies the files that the recipe takes from its overlays: `debian-base/initramfs/init HASH`. */
export async function hashOverlays(recipe: DebianRecipe): Promise<string[]> {
  const files = await listFiles(recipe);
  return Promise.all(
    files.map(async ([path, overlay]) => `${overlay}/${path} ${await hashFile(join(FOLDER, overlay, path))}`),
  );
}

/** Every path, with the last overlay that has it. */
async function listFiles({ overlays }: DebianRecipe): Promise<[path: string, overlay: string][]> {
  const files = new Map<string, string>();
  for (const overlay of overlays) {
    const folder = join(FOLDER, overlay);
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) files.set(relative(folder, join(entry.parentPath, entry.name)), overlay);
  }
  return [...files].sort(([a], [b]) => (a < b ? -1 : 1));
}
