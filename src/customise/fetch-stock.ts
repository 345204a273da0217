import { readFile } from 'node:fs/promises';
import type { Target } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { InputError, ToolFailedError, VerificationError } from '../core/errors.ts';
import type { BuiltPackage, Disk } from '../core/model.ts';
import { isLeftOut, type PathFilter, parsePathFilters } from '../formats/debian/path-filters.ts';
import { readPackage } from '../formats/debian/read-package.ts';
import { isElf, parseElf } from '../formats/elf/elf.ts';
import { findProcessorErrors } from '../formats/elf/elf-faults.ts';
import { isElfFor } from '../formats/elf/elf-machine.ts';
import { listFolder, readText, withImageTree } from '../image/image-tree.ts';
import { openBaseApt, type PackageBase } from '../own-files/open-base-apt.ts';
import { withFreshApt } from '../tools/debian/apt.ts';
import {
  type DownloadedPackage,
  downloadPackages,
  findPackage,
  planInstall,
} from '../tools/debian/apt-packages.ts';

/** A package of the base's own sources, and the file that it was read from. */
export interface StockPackage {
  readonly built: BuiltPackage;
  readonly download: DownloadedPackage;
}

/**
 * Fetches a package that the base lacks, with all that it needs beyond what the base has, from the base's own sources:
 * what `apt install` on the Pi would fetch, without recommended packages.
 * @throws InputError when the sources lack it or apt finds no way, VerificationError when a package cannot go into an image
 *   or does not run on every Pi of the target, NetworkError when no source can be reached
 */
export async function fetchStock(
  context: Context,
  base: PackageBase,
  target: Target,
  name: string,
): Promise<readonly StockPackage[]> {
  const open = (refresh: boolean) => openBaseApt(context, base, refresh);
  const downloads = await withFreshApt(open, async (apt) => {
    if ((await findPackage(apt, name)) === undefined)
      throw new InputError(`the base lacks ${name}, and so do its sources`, {
        hint: 'use a base that has it',
        detail: apt.sources.map(({ uri, suite }) => `${uri} ${suite}`).join('\n'),
      });
    const plan = await planInstall(apt, [name], ['--no-remove']).catch((error: unknown) => {
      if (!(error instanceof ToolFailedError)) throw error;
      throw new InputError(`apt finds no way to install ${name} beside what the base has`, {
        hint: 'use a stock image that nobody changed',
        detail: error.detail ?? error.message,
        cause: error,
      });
    });
    return downloadPackages(
      apt,
      plan.map((each) => `${each.name}=${each.version}`),
    );
  });
  const filters = await readPathFilters(base.disk);
  const packages: StockPackage[] = [];
  for (const download of downloads.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const built = await readPackage(await readFile(download.path));
    checkProcessor(built, target);
    const left = built.files.map(({ path }) => path).filter((path) => isLeftOut(filters, path));
    packages.push({ built: { ...built, leftOut: new Set(left) }, download });
  }
  return packages;
}

/** What the base's own dpkg would leave out, such as documentation in a small system (dpkg.cfg(5)). */
async function readPathFilters(disk: Disk): Promise<PathFilter[]> {
  return withImageTree(disk, async (tree) => {
    const names = (await listFolder(tree, `${DPKG_CONF}.d`)).filter((name) => /^[\w-]+$/.test(name));
    const paths = [...names.sort().map((name) => `${DPKG_CONF}.d/${name}`), DPKG_CONF];
    const texts = await Promise.all(paths.map((path) => readText(tree, path, MAX_CONF_BYTES)));
    return parsePathFilters(texts.map((text) => text ?? ''));
  });
}

const DPKG_CONF = '/etc/dpkg/dpkg.cfg';
const MAX_CONF_BYTES = 1024 * 1024;

/** @throws VerificationError naming the first files that do not fit */
function checkProcessor({ name, version, files }: BuiltPackage, target: Target): void {
  const { architecture, limits } = target;
  const faults = files.flatMap((file) => {
    if (file.kind !== 'file' || !isElf(file.content)) return [];
    if (!isElfFor(file.content, architecture)) return [`${file.path}: not built for ${architecture}`];
    if (limits === undefined) return [];
    return findProcessorErrors({ name: file.path, elf: parseElf(file.content, file.path) }, limits);
  });
  if (faults.length === 0) return;
  throw new VerificationError(
    `${name} ${version} of the base's sources does not run on every Pi of ${target.name}`,
    {
      hint: 'use a stock image, whose sources are those of its distribution',
      detail: faults.slice(0, 10).join('\n'),
    },
  );
}
