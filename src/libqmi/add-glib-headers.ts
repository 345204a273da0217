import { access, copyFile, cp, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import type { Sysroot } from './prepare-sysroot.ts';

/** The GLib libraries that libqmi links. */
const LIBRARIES = ['libglib-2.0.so', 'libgobject-2.0.so', 'libgio-2.0.so'];

/**
 * Adds to a copy of a base's root the GLib headers and pkg-config files of the sysroot, and the links by which the
 * base's linker finds GLib.
 * @param root a folder of this machine
 */
export async function addGlibHeaders(sysroot: Sysroot, root: string, target: TargetProfile): Promise<void> {
  const libraries = `usr/lib/${target.triplet}`;
  const folders = ['usr/include/glib-2.0', 'usr/include/gio-unix-2.0'];
  for (const path of [...folders, `${libraries}/glib-2.0`, `${libraries}/pkgconfig`]) {
    await cp(join(sysroot.path, path), join(root, path), { recursive: true, verbatimSymlinks: true });
  }
  for (const name of LIBRARIES) {
    const link = join(root, libraries, name);
    if (await exists(link)) continue;
    const folder = (await exists(join(root, libraries, `${name}.0`))) ? libraries : `lib/${target.triplet}`;
    // Absolute, because it is resolved inside the root.
    await symlink(`/${folder}/${name}.0`, link);
  }
}

/** Copies this machine's glib-mkenums, a Python script that the headers' package lacks, into a folder. */
export async function addGlibMkenums(context: Context, folder: string): Promise<void> {
  const { stdout } = await context.exec(['sh', '-c', 'command -v glib-mkenums']);
  await copyFile(stdout.trim(), join(folder, 'glib-mkenums'));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
