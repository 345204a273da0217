import { cp, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { type AppError, CompileError } from '../core/errors.ts';
import type { InputRecord } from '../core/model.ts';
import { compareVersions } from '../formats/debian/debian-version.ts';
import { glibVersionMacro } from '../formats/debian/glib-pkg-config.ts';
import { isElf, parseElf } from '../formats/elf/elf.ts';
import { findProcessorErrors } from '../formats/elf/elf-faults.ts';
import { strip } from '../tools/clang.ts';
import { listBelow } from '../tools/files/read-below.ts';
import { openFolder } from '../tools/files/write-below.ts';
import type { LibqmiSource } from './fetch-libqmi-source.ts';
import type { Sysroot } from './prepare-sysroot.ts';

/** libqmi compiled for a target, in the layout of `make install` with prefix /usr and libdir /usr/lib. */
export interface LibqmiBuild {
  /** A folder with usr/bin/qmicli, usr/lib/libqmi-glib.so.5, …; programs and libraries are stripped. */
  readonly path: string;
  readonly version: string;
  readonly cacheHit: boolean;
  /** Downloads for the compiler, besides the source and the sysroot's packages. */
  readonly inputs: readonly InputRecord[];
}

/** The folders of an install that are kept; the rest is headers, .la and .pc files and API documentation. */
const KEPT = /^usr\/(?:bin|lib|libexec|share\/man|share\/bash-completion)\//;
const LEFT_OUT = /\.(?:la|a|pc)$|\/(?:pkgconfig|girepository-1\.0)\//;

/** The date for files that embed one: the day of libqmi 1.16.0's release, 2016-07-07. */
export const SOURCE_DATE_EPOCH = '1467849600';

/**
 * Makes the folder for a build, in the temporary folder or, if that has an unusual name, in /tmp: configure refuses a
 * source folder with a space in its path, and pkgconf garbles a path that is not ASCII.
 */
export async function makeWorkFolder(tmpDir: string): Promise<string> {
  const plain = /^[\w@%+=:,./-]+$/.test(tmpDir);
  return mkdtemp(join(plain ? tmpDir : '/tmp', 'wwanpi-libqmi-'));
}

/**
 * Checks every object file of this build, because the linker copies only the attributes of the first one. A user's
 * source tree may have objects for another machine in other folders (docs); these are skipped.
 */
export async function checkObjects(work: string, profile: TargetProfile): Promise<void> {
  const objects = [
    ...(await listBelow(join(work, 'source'))).filter(({ path }) => path.startsWith('src/')),
    ...(await listBelow(join(work, 'build'))),
  ].filter(({ path, kind }) => kind === 'file' && path.endsWith('.o'));
  const faults: string[] = [];
  for (const { path, read } of objects) {
    faults.push(...findProcessorErrors({ name: path, elf: parseElf(await read(), path) }, profile.limits));
  }
  if (faults.length === 0) return;
  throw new CompileError(`the compiled objects of libqmi do not fit ${profile.name}`, {
    detail: faults.join('\n'),
  });
}

/** Limits the macros and inline functions of newer GLib headers to those of the base's GLib. */
export function glibVersionDefines({ glibVersion, headersVersion }: Sysroot): string[] {
  if (compareVersions(headersVersion, glibVersion) <= 0) return [];
  const version = glibVersionMacro(glibVersion);
  return [`-DGLIB_VERSION_MIN_REQUIRED=${version}`, `-DGLIB_VERSION_MAX_ALLOWED=${version}`];
}

/**
 * Copies the kept folders of an install into `folder`, and strips programs and libraries. Follows no symlink, because
 * programs of a foreign base may have made the install.
 */
export async function collectInstalledFiles(
  context: Context,
  install: string,
  folder: string,
): Promise<void> {
  const target = openFolder(folder);
  for (const { path, kind, read } of await listBelow(install)) {
    if (!KEPT.test(path) || LEFT_OUT.test(path)) continue;
    const content = await read();
    if (kind === 'symlink') {
      await target.symlink(path, content.toString('utf8'));
    } else {
      await target.file(path, content, 0o755);
      if (isElf(content)) await strip(context.exec, join(folder, path));
    }
  }
}

/** Keeps the log in the cache; its end becomes the error's detail. */
export async function toCompileError(
  context: Context,
  source: LibqmiSource,
  log: string,
  error: AppError,
): Promise<CompileError> {
  const kept = join(context.cacheDir, 'logs', `libqmi-${source.version}.log`);
  await mkdir(join(context.cacheDir, 'logs'), { recursive: true });
  await cp(log, kept);
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  return new CompileError(`libqmi ${source.version} did not compile: ${error.message}`, {
    hint: `the whole log is ${kept}`,
    detail: lines.slice(-40).join('\n'),
    cause: error,
  });
}
