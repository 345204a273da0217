import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { listBelow } from '../tools/files/read-below.ts';
import type { FolderWriter } from '../tools/files/write-below.ts';
import type { Sysroot } from './prepare-sysroot.ts';
import { GLIB_LIBRARIES } from './write-sysroot.ts';

/**
 * Adds to a copy of a base's root the GLib headers and pkg-config files of the sysroot, and GLib's libraries under the
 * names that the base's linker looks for.
 * @param root writes into the copy
 */
export async function addGlibHeaders(
  sysroot: Sysroot,
  root: FolderWriter,
  target: TargetProfile,
): Promise<void> {
  const libraries = `usr/lib/${target.triplet}`;
  const folders = ['usr/include/glib-2.0', 'usr/include/gio-unix-2.0'];
  for (const folder of [...folders, `${libraries}/glib-2.0`, `${libraries}/pkgconfig`]) {
    for (const { path, kind, read } of await listBelow(join(sysroot.path, folder))) {
      if (kind === 'file') await root.file(`${folder}/${path}`, await read());
    }
  }
  // Copies instead of links, because without a merged /usr some are in /lib and some in /usr/lib.
  for (const name of GLIB_LIBRARIES) {
    await root.file(`${libraries}/${name}`, await readFile(join(sysroot.path, libraries, `${name}.0`)));
  }
}

/** Copies this machine's glib-mkenums, a Python script that the headers' package lacks, into a folder. */
export async function addGlibMkenums(context: Context, folder: string): Promise<void> {
  const { stdout } = await context.exec(['sh', '-c', 'command -v glib-mkenums']);
  await copyFile(stdout.trim(), join(folder, 'glib-mkenums'));
}
