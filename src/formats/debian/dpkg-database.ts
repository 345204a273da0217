import type { BaseFiles, BuiltPackage, FileChange } from '../../core/model.ts';
import { DPKG_STATUS } from '../config/base-text.ts';
import { formatParagraph, getField, type Paragraph, parseParagraph, splitParagraphs } from './deb822.ts';
import { isMet, listDepends } from './relations.ts';

/** The result of `registerPackages`. */
export interface DpkgRegistration {
  readonly changes: readonly FileChange[];
  /** Why the packages cannot be installed into the base; a sentence each. */
  readonly faults: readonly string[];
}

const INFO = '/var/lib/dpkg/info';
const INFO_KINDS = [
  'list',
  'md5sums',
  'conffiles',
  'shlibs',
  'symbols',
  'triggers',
  'preinst',
  'postinst',
  'prerm',
  'postrm',
];

/** The files of the base that `registerPackages` and `installPackages` read, for packages of these names. */
export function getDpkgFiles(packages: readonly Pick<BuiltPackage, 'name' | 'architecture'>[]): string[] {
  const stems = packages.flatMap(listStems);
  return [DPKG_STATUS, ...stems.flatMap((stem) => INFO_KINDS.map((kind) => `${INFO}/${stem}.${kind}`))];
}

/**
 * The changes that put packages into an image and into its dpkg database, installed and, if wwanpi made them,
 * held, like `dpkg --unpack`, `--configure` and `apt-mark hold`. Installed packages of the same name are
 * replaced; their files that ours do not have are removed.
 * @param files the files that `getDpkgFiles` lists
 * @param stage name of the stage in the changes
 */
export function registerPackages(
  files: BaseFiles,
  packages: readonly BuiltPackage[],
  stage: string,
): DpkgRegistration {
  return editDatabase(files, packages, stage, (others) => ({
    status: [...others, ...packages.map((built) => formatStatus(built).trimEnd())],
    faults: findDependencyErrors(others, packages),
    changes: [
      ...packages.flatMap((built) => replaceFiles(files, built, packages, stage)),
      ...packages.flatMap((built) => listInfoFiles(built, stage)),
    ],
  }));
}

/**
 * Puts packages into dpkg's list of the base, which the changes bring up to date last.
 * @param edit gets the paragraphs of all other packages, and gives those of the new list
 */
export function editDatabase(
  files: BaseFiles,
  packages: readonly BuiltPackage[],
  stage: string,
  edit: (others: readonly string[]) => DpkgRegistration & { readonly status: readonly string[] },
): DpkgRegistration {
  if (packages.length === 0) return { changes: [], faults: [] };
  const old = files.get(DPKG_STATUS);
  if (old === undefined) {
    return { changes: [], faults: [`the base has no ${DPKG_STATUS}: it is not a Debian or Raspbian system`] };
  }
  const ours = new Set(packages.map(({ name }) => name));
  const paragraphs = splitParagraphs(Buffer.from(old.content).toString('utf8'));
  const { status, faults, changes } = edit(paragraphs.filter((text) => !ours.has(getPackageName(text))));
  const content = Buffer.from(status.map((paragraph) => `${paragraph}\n\n`).join(''));
  return { faults, changes: [...changes, { ...old, kind: 'file', path: DPKG_STATUS, content, stage }] };
}

/** A package's files and links, and the removal of other files of an installed package of that name. */
export function replaceFiles(
  files: BaseFiles,
  built: BuiltPackage,
  packages: readonly BuiltPackage[],
  stage: string,
): FileChange[] {
  const kept = new Set(packages.flatMap((other) => other.files.map(({ path }) => path)));
  const written = new Set(formatInfo(built).map(([path]) => path));
  const stale = listStems(built).flatMap((stem) => {
    const list = files.get(`${INFO}/${stem}.list`);
    const old = list === undefined ? [] : getLeaves(Buffer.from(list.content).toString('utf8'));
    const info = INFO_KINDS.map((kind) => `${INFO}/${stem}.${kind}`);
    return [
      ...old.filter((path) => !kept.has(path)),
      ...info.filter((path) => files.get(path) !== undefined && !written.has(path)),
    ];
  });
  return [
    ...[...new Set(stale)].map((path) => ({ kind: 'remove' as const, path, stage })),
    ...built.files.flatMap((file): FileChange[] => {
      if (file.kind === 'directory' || built.leftOut?.has(file.path) === true) return [];
      if (file.kind === 'symlink') return [{ kind: 'symlink', path: file.path, target: file.target, stage }];
      return [
        { kind: 'file', path: file.path, content: file.content, mode: file.mode, uid: 0, gid: 0, stage },
      ];
    }),
  ];
}

/** What dpkg's info files of a package may begin with. */
function listStems({ name, architecture }: Pick<BuiltPackage, 'name' | 'architecture'>): string[] {
  return [name, `${name}:${architecture}`];
}

/** The paths of a .list with no other path below them: files and links. libqmi's packages have no empty folders. */
function getLeaves(list: string): string[] {
  const paths = list.split('\n').filter((path) => path.startsWith('/') && path !== '/.');
  const folders = new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))));
  return paths.filter((path) => !folders.has(path));
}

/** dpkg's info files by path: `NAME:ARCHITECTURE.*` for Multi-Arch: same, otherwise `NAME.*` (dpkg's pkg-infodb). */
function formatInfo(built: BuiltPackage): [path: string, content: string][] {
  const sameArch = getField(parseParagraph(built.control), 'Multi-Arch') === 'same';
  const stem = `${INFO}/${built.name}${sameArch ? `:${built.architecture}` : ''}`;
  const list = ['/.', ...built.files.map(({ path }) => path)].map((path) => `${path}\n`).join('');
  return [
    [`${stem}.list`, list],
    [`${stem}.md5sums`, built.md5sums],
    ...[...built.controlFiles].map(([name, text]): [string, string] => [`${stem}.${name}`, text]),
  ];
}

/** dpkg's info files of a package; scripts can be run. */
export function listInfoFiles(built: BuiltPackage, stage: string): FileChange[] {
  return formatInfo(built).map(([path, content]) => {
    const mode = /\.(?:pre|post)(?:inst|rm)$/.test(path) ? 0o755 : 0o644;
    return { kind: 'file', path, content: Buffer.from(content), mode, uid: 0, gid: 0, stage };
  });
}

/** The control paragraph with the state: on hold if wwanpi made it, no error, installed (dpkg(1)). */
function formatStatus({ control, maker }: BuiltPackage): string {
  const [first, ...rest] = parseParagraph(control);
  const state: Paragraph = [['Status', `${maker === 'wwanpi' ? 'hold' : 'install'} ok installed`]];
  return formatParagraph([...(first === undefined ? [] : [first]), ...state, ...rest]);
}

function findDependencyErrors(others: readonly string[], packages: readonly BuiltPackage[]): string[] {
  const installed = new Map(packages.map(({ name, version }) => [name, [version]]));
  const ours = new Set(installed.keys());
  const rest: Paragraph[] = [];
  for (const text of others) {
    const paragraph = parseParagraph(text);
    if (!/ installed$/.test(getField(paragraph, 'Status') ?? '')) continue;
    installed.set(getField(paragraph, 'Package') ?? '', [getField(paragraph, 'Version') ?? '']);
    rest.push(paragraph);
  }
  const missing = packages.flatMap(({ name, control }) =>
    listDepends(parseParagraph(control))
      .filter((choice) => !choice.some((entry) => isMet(entry, installed)))
      .map((choice) => `${name} needs ${choice.join(' | ')}, which the base does not have installed`),
  );
  const broken = rest.flatMap((paragraph) =>
    listDepends(paragraph)
      .filter((choice) => choice.some((entry) => ours.has(entry.split(/[ :(]/)[0] ?? '')))
      .filter((choice) => !choice.some((entry) => isMet(entry, installed)))
      .map(
        (choice) =>
          `the base's ${getField(paragraph, 'Package')} needs ${choice.join(' | ')}; remove it from the base or use a stock image`,
      ),
  );
  return [...missing, ...broken];
}

/** The name of a paragraph's package; '' if it has none. */
export function getPackageName(paragraph: string): string {
  return /^Package:[ \t]*(\S+)/im.exec(paragraph)?.[1] ?? '';
}
