import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Disk } from '../../src/core/model.ts';
import { isElf, parseElf } from '../../src/formats/elf/elf.ts';
import { type ImageTree, withImageTree } from '../../src/image/image-tree.ts';

/** Where the dynamic linker of an armhf Debian or Raspbian looks (ld.so(8), /etc/ld.so.conf.d). */
const LIBRARY_FOLDERS = [
  '/lib/arm-linux-gnueabihf',
  '/usr/lib/arm-linux-gnueabihf',
  '/lib',
  '/usr/lib',
  '/usr/local/lib',
];

/**
 * Copies files out of an image into the host's folder `tree`, each to its own path, and with every program the
 * dynamic linker and all libraries it asks for, the image's own ones. Scripts, data and libraries come out alike.
 */
export async function copyPrograms(disk: Disk, paths: readonly string[], tree: string): Promise<void> {
  await withImageTree(disk, async (image) => {
    const waiting = [...paths];
    const seen = new Set<string>();
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { node } = await image.locate(path, 'follow');
      if (node?.kind !== 'file') throw new Error(`the image has no file ${path}`);
      const content = await node.read();
      const target = join(tree, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content, { mode: node.mode });
      if (!isElf(content)) continue;
      const elf = parseElf(content, basename(path));
      if (elf.interpreter !== undefined) waiting.push(elf.interpreter);
      waiting.push(...(await Promise.all(elf.needed.map((name) => findLibrary(image, name)))));
    }
  });
}

async function findLibrary(image: ImageTree, name: string): Promise<string> {
  for (const folder of LIBRARY_FOLDERS) {
    const path = join(folder, name);
    if ((await image.locate(path, 'follow')).node?.kind === 'file') return path;
  }
  throw new Error(`the image has no library ${name}`);
}
