import type { BaseFiles, BuiltPackage, FileChange } from '../../core/model.ts';
import { formatParagraph, getField, type Paragraph, parseParagraph } from './deb822.ts';
import {
  type DpkgRegistration,
  editDatabase,
  getPackageName,
  listInfoFiles,
  replaceFiles,
} from './dpkg-database.ts';
import { enableService } from './enable-service.ts';
import { findUnmet } from './find-unmet.ts';

/** The fields of dpkg's status file in its own order (dpkg 1.22, lib/dpkg/parse.c, fieldinfos); all others follow. */
const ORDER = [
  ...['Package', 'Essential', 'Protected', 'Status', 'Priority', 'Section', 'Installed-Size', 'Origin'],
  ...[
    'Maintainer',
    'Bugs',
    'Architecture',
    'Multi-Arch',
    'Source',
    'Version',
    'Replaces',
    'Provides',
    'Depends',
  ],
  ...['Pre-Depends', 'Recommends', 'Suggests', 'Breaks', 'Conflicts', 'Enhances', 'Conffiles', 'Description'],
];

/**
 * The changes that put packages of a distribution into an image as `dpkg --install` leaves them: files, empty folders,
 * services turned on, and dpkg's database with its own order of packages and fields. Nothing is held, so that security
 * updates come. The caches of triggers (ldconfig, man-db) stay as they are; the loader finds libraries without.
 * @param files the files that `getDpkgFiles` lists for these packages
 * @param stage name of the stage in the changes
 * @throws VerificationError as `enableService`
 */
export function installPackages(
  files: BaseFiles,
  packages: readonly BuiltPackage[],
  stage: string,
): DpkgRegistration {
  return editDatabase(files, packages, stage, (others) => ({
    status: insertSorted(others, packages.map(formatStatus)),
    faults: findUnmet(
      others.join('\n\n'),
      packages.map(({ control }) => control),
    ).map(({ of, needs }) => `${of} needs ${needs}, which the base does not have installed`),
    changes: packages.flatMap((built) => [
      ...replaceFiles(files, built, packages, stage),
      ...listEmptyFolders(built, stage),
      ...listInfoFiles(built, stage),
      ...(built.services ?? []).flatMap((service) => enableService(built, service, stage)),
    ]),
  }));
}

/** dpkg writes packages in the order of their names; the base's own stay in the order that they have. */
function insertSorted(others: readonly string[], added: readonly string[]): string[] {
  const all = [...others];
  for (const paragraph of added) {
    const name = getPackageName(paragraph);
    const next = all.findIndex((other) => getPackageName(other) > name);
    all.splice(next === -1 ? all.length : next, 0, paragraph);
  }
  return all;
}

function formatStatus({ control, controlFiles }: BuiltPackage): string {
  const fields: Paragraph = [
    ...parseParagraph(control),
    ['Status', 'install ok installed'],
    ...listConffiles(controlFiles.get('conffiles') ?? ''),
  ];
  const known = ORDER.flatMap((name) => {
    const value = getField(fields, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const rest = fields.filter(([name]) => !ORDER.includes(name));
  return formatParagraph([...known, ...rest]).trimEnd();
}

/** Files of an older version that dpkg removes once (deb-conffiles(5)); other ones are refused by `readPackage`. */
function listConffiles(conffiles: string): Paragraph {
  const paths = [...conffiles.matchAll(/^remove-on-upgrade (\S+)$/gm)].map(([, path]) => path);
  const lines = paths.map((path) => `\n ${path} newconffile remove-on-upgrade`);
  return lines.length === 0 ? [] : [['Conffiles', lines.join('')]];
}

function listEmptyFolders({ files, leftOut }: BuiltPackage, stage: string): FileChange[] {
  return files.flatMap((file): FileChange[] => {
    const isEmpty = !files.some(({ path }) => path.startsWith(`${file.path}/`));
    return file.kind === 'directory' && isEmpty && leftOut?.has(file.path) !== true
      ? [{ kind: 'directory', path: file.path, mode: file.mode, uid: 0, gid: 0, stage }]
      : [];
  });
}
