import { basename } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { PackageFile } from '../core/model.ts';
import { formatGlibPkgConfig } from '../formats/debian/glib-pkg-config.ts';
import { openFolder } from '../tools/files/write-below.ts';
import type { BaseLibraries } from './read-base-libraries.ts';

/** The GLib libraries that libqmi links, by their names for the linker. */
export const GLIB_LIBRARIES: readonly string[] = ['libglib-2.0.so', 'libgobject-2.0.so', 'libgio-2.0.so'];

/** Symlinks of the C library, if its -dev package is not used. */
const C_LIBRARIES: Readonly<Record<string, string>> = {
  'libm.so': 'libm.so.6',
  'libdl.so': 'libdl.so.2',
  'librt.so': 'librt.so.1',
  'libresolv.so': 'libresolv.so.2',
};

/**
 * Writes a sysroot into the empty folder `root`. Libraries are in usr/lib/TRIPLET, as on a merged-/usr system. The base
 * gives only machine code; text (headers, linker scripts) comes from Debian or is generated. Every symlink is relative and
 * stays inside.
 * @param packaged files of the profile's -dev packages
 */
export async function writeSysroot(
  root: string,
  base: BaseLibraries,
  packaged: readonly PackageFile[],
  profile: TargetProfile,
): Promise<void> {
  const folder = openFolder(root);
  const libraries = `usr/lib/${profile.triplet}`;
  for (const [name, content] of base.libraries) await folder.file(`${libraries}/${name}`, content, 0o755);
  for (const [path, content] of base.startFiles) await folder.file(path, content);
  await folder.symlink('lib', 'usr/lib');
  // PT_INTERP of the armhf ABI (https://wiki.debian.org/ArmHardFloatPort); packaged as a link into the triplet's folder.
  const loader = 'ld-linux-armhf.so.3';
  await folder.symlink(`usr/lib/${loader}`, `${profile.triplet}/${loader}`);
  for (const [name, text] of formatGlibPkgConfig(base.glibVersion, profile.triplet)) {
    await folder.file(`${libraries}/pkgconfig/${name}`, text);
  }
  const names = new Set(base.libraries.keys());
  for (const file of packaged) {
    // The Pi runs the base's libraries.
    if (file.kind !== 'file' || names.has(basename(file.path))) continue;
    await folder.file(file.path, file.content);
  }
  for (const [name, content] of formatLinkerScripts(base, profile)) {
    await folder.file(`${libraries}/${name}`, content);
  }
  for (const [name, target] of listLinks(base, packaged, profile)) {
    await folder.symlink(`${libraries}/${name}`, target);
  }
}

/** Symlinks in the folder of the libraries: name → file in the same folder. */
function listLinks(
  base: BaseLibraries,
  packaged: readonly PackageFile[],
  profile: TargetProfile,
): Map<string, string> {
  const links = new Map<string, string>();
  if (profile.startFiles === 'base') {
    for (const [name, target] of Object.entries(C_LIBRARIES)) links.set(name, target);
  }
  for (const file of packaged) {
    if (file.kind === 'symlink') links.set(basename(file.path), basename(file.target));
  }
  // Not the package's symlinks, whose targets may be of another version.
  for (const name of GLIB_LIBRARIES) links.set(name, `${name}.0`);
  // Or another link: libmbim-glib.so leads to libmbim-glib.so.4, and that to libmbim-glib.so.4.7.0.
  const targets = new Set([
    ...base.libraries.keys(),
    ...packaged.flatMap(({ kind, path }) => (kind === 'directory' ? [] : [basename(path)])),
  ]);
  return new Map(
    [...links].filter(
      ([name, target]) => targets.has(target) && !base.libraries.has(name) && name !== target,
    ),
  );
}

/**
 * Generates the linker scripts of the C library and gcc, if their -dev packages are not used. The text follows libc6-dev
 * 2.24 and libgcc-6-dev: some functions are only in the static archive.
 */
function formatLinkerScripts(
  { libraries, startFiles }: BaseLibraries,
  { startFiles: from, triplet }: TargetProfile,
): Map<string, string> {
  const scripts = new Map<string, string>();
  if (from !== 'base') return scripts;
  const group = (name: string, library: string, archive: string, rest = '') => {
    const path = `usr/lib/${triplet}/${archive}`;
    if (!libraries.has(library)) return;
    const members = [`/usr/lib/${triplet}/${library}`, ...(startFiles.has(path) ? [`/${path}`] : [])];
    scripts.set(name, `OUTPUT_FORMAT(elf32-littlearm)\nGROUP ( ${members.join(' ')}${rest} )\n`);
  };
  group('libc.so', 'libc.so.6', 'libc_nonshared.a', ' AS_NEEDED ( /lib/ld-linux-armhf.so.3 )');
  group('libpthread.so', 'libpthread.so.0', 'libpthread_nonshared.a');
  if (libraries.has('libgcc_s.so.1')) scripts.set('libgcc_s.so', 'GROUP ( libgcc_s.so.1 -lgcc )\n');
  return scripts;
}
