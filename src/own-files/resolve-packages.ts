import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError, NetworkError, ToolFailedError } from '../core/errors.ts';
import type { FileChange } from '../core/model.ts';
import { DPKG_STATUS } from '../formats/config/base-text.ts';
import { findUnmet, type UnmetDependency } from '../formats/debian/find-unmet.ts';
import type { OwnPackage } from '../recipe/own-files.ts';
import { type Apt, withFreshApt } from '../tools/debian/apt.ts';
import { type AptPackage, downloadPackages, findPackage, planInstall } from '../tools/debian/apt-packages.ts';
import { openBaseApt, type PackageBase } from './open-base-apt.ts';
import { describePackage } from './read-packages.ts';

/**
 * Finds the packages that the user names, and what they and the package files need beyond what the base has; with apt,
 * as an ordinary user. Nothing is asked if nothing is missing.
 * @param files the packages that the user has as files
 * @returns all packages for the image: the files, then those of the archive in the order of their names
 * @throws InputError when there is no such package, or it cannot be installed beside what the base has; NetworkError when
 *   no archive can be reached
 */
export async function resolvePackages(
  context: Context,
  base: PackageBase,
  names: readonly string[],
  files: readonly OwnPackage[],
): Promise<readonly OwnPackage[]> {
  const unmet = findUnmet(
    base.status,
    files.map(({ control }) => control),
  );
  if (names.length === 0 && unmet.length === 0) return files;
  const done = context.report.step('Packages');
  const paths = await writeFiles(context, files);
  const open = (refresh: boolean) => openBaseApt(context, base, refresh);
  const downloaded = await withFreshApt(open, async (apt) => {
    await assertKnown(apt, names);
    const all = await resolve(apt, names, paths, unmet);
    // apt takes a package from the archive where that has the very one that is given as a file.
    const found = all.filter(({ name }) => !files.some((file) => file.name === name));
    return downloadPackages(
      apt,
      found.map(({ name, version }) => `${name}=${version}`),
    );
  }).catch((error: unknown) => {
    throw explainMissing(error, unmet);
  });
  const fetched: OwnPackage[] = [];
  for (const { path, sizeBytes, sha256 } of downloaded.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    fetched.push(await describePackage({ path, sizeBytes, sha256 }, sha256, 'archive'));
  }
  done(`${files.length} given, ${fetched.length} from the base's sources`);
  return [...files, ...fetched];
}

/** The list of installed packages as the changes leave it; undefined if they install none. */
export function getStatus(changes: readonly FileChange[]): string | undefined {
  const change = changes.find(({ path }) => path === DPKG_STATUS);
  return change?.kind === 'file' ? Buffer.from(change.content).toString('utf8') : undefined;
}

/** As files that apt takes for packages: their names end in .deb. */
async function writeFiles(context: Context, files: readonly OwnPackage[]): Promise<string[]> {
  const folder = join(context.tmpDir, 'own-packages');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return Promise.all(
    files.map(async ({ fileName, content }) => {
      const path = join(folder, fileName);
      if (content instanceof Uint8Array) await writeFile(path, content);
      else await symlink(content.path, path);
      return path;
    }),
  );
}

/** apt takes a name that it does not know for a pattern (apt-get(8)). */
async function assertKnown(apt: Apt, names: readonly string[]): Promise<void> {
  const unknown: string[] = [];
  for (const name of names) if ((await findPackage(apt, name)) === undefined) unknown.push(name);
  if (unknown.length === 0) return;
  const where = apt.sources.map(({ uri, suite }) => `${uri} ${suite}`).join(', ');
  throw new InputError(`the base's sources have no package ${unknown.join(' and no package ')} (--package)`, {
    hint: 'check the name, or give a file: --package FILE.deb',
    detail: `the base's sources: ${where}`,
  });
}

async function resolve(
  apt: Apt,
  names: readonly string[],
  files: readonly string[],
  unmet: readonly UnmetDependency[],
): Promise<AptPackage[]> {
  try {
    return await planInstall(apt, [...names, ...files], ['--no-remove']);
  } catch (error) {
    if (!(error instanceof ToolFailedError)) throw error;
    const asked = [...names, ...new Set(unmet.map(({ of }) => of))].join(', ');
    throw new InputError(`apt finds no way to install ${asked} beside what the base has (--package)`, {
      hint: 'the lines of apt say what is in the way; leave that package out, or give another version as a file',
      detail: error.detail ?? error.message,
      cause: error,
    });
  }
}

/** If no archive can be asked, what the files need is part of the answer. */
function explainMissing(error: unknown, unmet: readonly UnmetDependency[]): unknown {
  if (!(error instanceof NetworkError) || unmet.length === 0) return error;
  const list = unmet.map(({ of, needs }) => `${of} needs ${needs}`).join('; ');
  const { message, hint = '', detail = '' } = error;
  return new NetworkError(`${message}; and the base lacks what package files need: ${list}`, {
    ...{ hint, detail },
    cause: error,
  });
}
