import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetProfile } from '../base/targets.ts';
import { CompileError } from '../core/errors.ts';
import type { BuiltPackage, Libqmi, PackageFile } from '../core/model.ts';
import { buildPackage, gzipText } from '../formats/debian/build-package.ts';
import { getField, parseParagraph } from '../formats/debian/deb822.ts';
import {
  formatLibqmiChangelog,
  LIBQMI_COPYRIGHT,
  LIBQMI_HOMEPAGE,
} from '../formats/debian/libqmi-documents.ts';
import { computeDepends } from '../formats/debian/shared-library-depends.ts';
import { isElf, parseElf } from '../formats/elf/elf.ts';
import type { LibqmiSource } from './fetch-libqmi-source.ts';
import type { LibqmiBuild } from './libqmi-install.ts';
import type { Sysroot } from './prepare-sysroot.ts';
import { secureQmiNetwork } from './secure-qmi-network.ts';

/** The date of the packages' changelog: the day of libqmi 1.16.0's release, 2016-07-07. */
const PACKAGE_EPOCH_SECONDS = 1_467_849_600;

/** Debian's revision of a version: sorts after Debian's own -1 of the same upstream version and before its -2. */
const REVISION = '-1+wwanpi1';

/**
 * Packages a compiled libqmi. The packages have the names and files of Debian's, so that each replaces its
 * counterpart: libqmi-glib5, libqmi-proxy, libqmi-utils.
 * Debian's own packages that they need come with them.
 * @throws CompileError when the build lacks a file, needs a library that no package of the base has, or has a
 *   qmi-network that `secureQmiNetwork` does not know
 */
export async function packageLibqmi(
  build: LibqmiBuild,
  source: LibqmiSource,
  sysroot: Sysroot,
  profile: TargetProfile,
): Promise<Libqmi> {
  const version = `${build.version}${REVISION}`;
  const files = await readFiles(build.path);
  const library = files.filter(({ path }) => /^\/usr\/lib\/libqmi-glib\.so\.\d/.test(path));
  const own = new Set(library.map(({ path }) => path.split('/').pop() ?? ''));
  const soname = [...own].find((name) => /\.so\.\d+$/.test(name));
  if (soname === undefined) throw new CompileError('the compiled libqmi has no libqmi-glib.so');
  const make = (
    name: string,
    wanted: readonly PackageFile[],
    spec: Pick<Parameters<typeof buildPackage>[0], 'section' | 'multiArch' | 'description' | 'controlFiles'>,
  ) => {
    if (!wanted.some(({ kind }) => kind === 'file')) {
      throw new CompileError(`the compiled libqmi has no files for the package ${name}`);
    }
    const needsOwn = wanted.some((file) => parsed(file)?.needed.includes(soname));
    const { depends, unknown } = computeDepends(
      wanted.flatMap((file) => parsed(file) ?? []),
      sysroot.symbols,
      own,
    );
    if (unknown.length > 0) {
      throw new CompileError(`no package of the base is known to have ${unknown.join(', ')}`, {
        hint: 'the base lacks /var/lib/dpkg/info/*.symbols of its C library or GLib; use a stock image',
      });
    }
    return buildPackage({
      name,
      version,
      source: 'libqmi',
      homepage: LIBQMI_HOMEPAGE,
      depends: [...depends, ...(needsOwn ? [`libqmi-glib5 (= ${version})`] : [])],
      files: [...wanted, ...documents(name, version)],
      ...spec,
    });
  };
  const packages = [
    make(
      'libqmi-glib5',
      library.map((file) => inTripletFolder(file, profile.triplet)),
      {
        section: 'libs',
        multiArch: 'same',
        description: [
          'Support library to use the Qualcomm MSM Interface (QMI) protocol',
          'Library for adding QMI support to applications that use GLib. Built by wwanpi',
          `for ${profile.name}.`,
        ],
        controlFiles: new Map([
          [
            'shlibs',
            `libqmi-glib ${soname.slice(soname.lastIndexOf('.') + 1)} libqmi-glib5 (>= ${build.version})\n`,
          ],
          ['triggers', 'activate-noawait ldconfig\n'],
        ]),
      },
    ),
    make(
      'libqmi-proxy',
      files.filter(({ path }) => path === '/usr/libexec/qmi-proxy'),
      {
        section: 'net',
        multiArch: 'foreign',
        description: [
          'Proxy to communicate with QMI ports',
          'qmi-proxy lets several clients use the same QMI port at the same time. Built by',
          `wwanpi for ${profile.name}.`,
        ],
      },
    ),
    make(
      'libqmi-utils',
      files.filter(({ path }) => /^\/usr\/(?:bin|share)\//.test(path)),
      {
        section: 'net',
        description: [
          'Utilities to use the QMI protocol from the command line',
          'qmicli and qmi-network, to control QMI modems. Built by wwanpi for',
          `${profile.name}.`,
        ],
      },
    ),
  ];
  const companions = selectNeeded(packages, sysroot.packages);
  const { record } = source;
  const inputs = [record, ...sysroot.inputs, ...build.inputs];
  return { version: source.version, packages: [...packages, ...companions], source: record, inputs };
}

/** Those of `candidates` that `packages` depend on, or that one of these does. */
function selectNeeded(
  packages: readonly BuiltPackage[],
  candidates: readonly BuiltPackage[],
): BuiltPackage[] {
  const needed = new Set<BuiltPackage>();
  const queue = [...packages];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const depends = getField(parseParagraph(next.control), 'Depends') ?? '';
    const names = new Set(depends.split(/[,|]/).map((entry) => entry.trim().split(/[ :(]/)[0]));
    const found = candidates.filter((candidate) => names.has(candidate.name) && !needed.has(candidate));
    for (const candidate of found) needed.add(candidate);
    queue.push(...found);
  }
  return candidates.filter((candidate) => needed.has(candidate));
}

async function readFiles(folder: string): Promise<PackageFile[]> {
  const files: PackageFile[] = [];
  const entries = await readdir(join(folder, 'usr'), { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const full = join(entry.parentPath, entry.name);
    const path = full.slice(folder.length);
    if (entry.isSymbolicLink()) files.push({ kind: 'symlink', path, target: await readlink(full) });
    if (!entry.isFile()) continue;
    const found = await readFile(full);
    const isQmiNetwork = path === '/usr/bin/qmi-network';
    const content = isQmiNetwork ? Buffer.from(secureQmiNetwork(found.toString())) : found;
    const executable = /^\/usr\/(?:bin|libexec)\//.test(path);
    const mode = executable ? 0o755 : 0o644;
    if (!path.startsWith('/usr/share/man/')) files.push({ kind: 'file', path, mode, content });
    // A `make dist` without help2man leaves empty man pages.
    else if (content.length > 0)
      files.push({ kind: 'file', path: `${path}.gz`, mode, content: gzipText(content) });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** From /usr/lib, where the build put it, to where Debian has its libraries. */
function inTripletFolder(file: PackageFile, triplet: string): PackageFile {
  return { ...file, path: file.path.replace('/usr/lib/', `/usr/lib/${triplet}/`) };
}

function parsed(file: PackageFile) {
  return file.kind === 'file' && isElf(file.content) ? parseElf(file.content, file.path) : undefined;
}

function documents(name: string, version: string): PackageFile[] {
  const folder = `/usr/share/doc/${name}`;
  const changelog = formatLibqmiChangelog(version, PACKAGE_EPOCH_SECONDS);
  return [
    { kind: 'file', path: `${folder}/changelog.Debian.gz`, mode: 0o644, content: gzipText(changelog) },
    { kind: 'file', path: `${folder}/copyright`, mode: 0o644, content: Buffer.from(LIBQMI_COPYRIGHT) },
  ];
}
