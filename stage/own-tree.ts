import { InputError } from '../src/core/errors.ts';
import type { BaseFiles, BasePlace, BootFolder, FileChange } from '../src/core/model.ts';
import { getText } from '../src/formats/config/base-text.ts';
import { findId, matchesPath } from '../src/formats/config/owners.ts';
import { checkFatPath } from '../src/formats/fat/fat-path.ts';
import { quoteForMessage } from '../src/formats/printable.ts';
import type { OwnContent, OwnFiles, TreeEntry } from '../src/recipe/own-files.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import type { BaseFacts, StagePlan } from './stage.ts';

const STAGE = 'own-files';
/** On the Pi, these are not on the card. */
const NOT_ON_CARD = ['/dev', '/proc', '/run', '/sys'];
const MAX_NAMED = 8;

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const ROOT: Owner = { uid: 0, gid: 0 };

/**
 * The changes of the extra trees. A folder that the base has keeps its mode and owner: a tree whose `etc` is private to
 * its user must not lock the Pi's users out of /etc.
 * @param reserved paths of this stage's own files
 */
export function planTree(
  { own: { tree, owners: rules }, user }: Pick<Recipe, 'own' | 'user'>,
  { places, system: { bootFolder } }: BaseFacts,
  files: BaseFiles,
  reserved: readonly string[],
): StagePlan {
  const faults: string[] = [];
  const changes: FileChange[] = [];
  const replaced: string[] = [];
  const setId: string[] = [];
  const taken = new Map<string, string>();
  const home = user === undefined ? undefined : `/home/${user}`;
  const owners = resolveOwners(rules, tree, files, user, faults);
  for (const entry of tree) {
    const place = places?.get(entry.path) ?? { path: entry.path, kind: 'nothing', obstacle: undefined };
    const fault = findFault(entry, place, reserved, bootFolder) ?? findTwin(entry, place, taken, bootFolder);
    if (fault !== undefined) {
      faults.push(`--extra-tree has ${quoteForMessage(entry.path)}, ${fault}`);
      continue;
    }
    if (
      entry.kind === 'directory' &&
      (place.kind === 'directory' || isBelow(bootFolder, place.path) || place.path === home)
    )
      continue;
    if (place.kind === 'file' || place.kind === 'symlink') replaced.push(entry.path);
    if (entry.kind === 'file' && (entry.mode & 0o6000) !== 0 && !isBelow(bootFolder, place.path))
      setId.push(entry.path);
    changes.push(makeChange(entry, place, owners.get(entry.path) ?? ROOT));
  }
  const warnings = [
    ...(replaced.length === 0 ? [] : [`--extra-tree replaces ${name(replaced, 'file')} of the base`]),
    ...(setId.length === 0
      ? []
      : [
          `--extra-tree has ${name(setId, 'program')} that is set-uid or set-gid: whoever runs it gets its owner's rights`,
        ]),
  ];
  return { changes, faults, warnings };
}

function makeChange(entry: TreeEntry, { path }: BasePlace, owner: Owner): FileChange {
  const common = { stage: STAGE, path };
  switch (entry.kind) {
    case 'symlink':
      return { ...common, kind: 'symlink', target: entry.target };
    case 'directory':
      return { ...common, kind: 'directory', mode: entry.mode, ...owner };
    case 'file':
      return ownFile(path, entry.content, entry.mode, owner);
  }
}

/** One of the user's own files; a large one is copied from where it is kept. */
export function ownFile(path: string, content: OwnContent, mode: number, owner = ROOT): FileChange {
  const common = { stage: STAGE, path, mode, ...owner };
  return content instanceof Uint8Array
    ? { ...common, kind: 'file', content }
    : { ...common, kind: 'copy', source: content };
}

function findFault(
  entry: TreeEntry,
  place: BasePlace,
  reserved: readonly string[],
  boot: BootFolder,
): string | undefined {
  const { path, kind, obstacle } = place;
  const hidden = NOT_ON_CARD.find((folder) => isBelow(folder, path));
  if (hidden !== undefined && entry.kind !== 'directory')
    return `which the Pi never sees: ${hidden} is not on the card`;
  if (obstacle !== undefined) return `but ${obstacle} in the base is not a folder`;
  if (kind === 'special') return 'which is a device, socket or pipe in the base';
  const isFolder = entry.kind === 'directory';
  if (isFolder && kind !== 'directory' && kind !== 'nothing')
    return `a folder, which is a ${kind} in the base`;
  if (!isFolder && kind === 'directory') return `a ${entry.kind}, which is a folder in the base`;
  const own = reserved.find((each) => isBelow(each, path));
  if (own !== undefined && !isFolder) return "which is wwanpi's own place for packages and scripts";
  return isBelow(boot, path) ? findFatFault(entry, path, boot) : undefined;
}

/** The boot folder is a FAT partition. */
function findFatFault(entry: TreeEntry, path: string, boot: BootFolder): string | undefined {
  if (entry.kind === 'symlink')
    return `a link, but ${boot} is a FAT partition, which has no links; give the file itself`;
  if (path === boot) return undefined;
  try {
    checkFatPath(path.slice(boot.length));
    return undefined;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return `which cannot be a name on the FAT partition ${boot}: ${error.hint}`;
  }
}

/** Two entries that end up at one place: by a link of the base, or on FAT by upper and lower case. */
function findTwin(
  entry: TreeEntry,
  { path }: BasePlace,
  taken: Map<string, string>,
  boot: BootFolder,
): string | undefined {
  const key = isBelow(boot, path) ? path.toLowerCase() : path;
  const other = taken.get(key);
  taken.set(key, entry.path);
  return other === undefined || entry.kind === 'directory'
    ? undefined
    : `which is the same place as ${other}`;
}

/** The owner of each entry that a rule fits. */
function resolveOwners(
  rules: OwnFiles['owners'],
  tree: readonly TreeEntry[],
  files: BaseFiles,
  renamed: string | undefined,
  faults: string[],
): Map<string, Owner> {
  const owners = new Map<string, Owner>();
  const users = getText(files, '/etc/passwd') ?? '';
  const groups = getText(files, '/etc/group') ?? '';
  for (const { pattern, user, group, place } of rules) {
    // With --user the base's pi gets that name, and keeps its numbers.
    const find = (file: string, name: string) =>
      findId(file, name) ?? (name === renamed ? findId(file, 'pi') : undefined);
    const uid = find(users, user);
    const gid = find(groups, group);
    if (uid === undefined || gid === undefined) {
      const what = uid === undefined ? `user ${user}` : `group ${group}`;
      faults.push(
        `--extra-tree: ${place}: the base has no ${what}; give a number, or a name of the base's /etc/${uid === undefined ? 'passwd' : 'group'}`,
      );
      continue;
    }
    const fitting = tree.filter(({ kind, path }) => kind !== 'symlink' && matchesPath(pattern, path));
    if (fitting.length === 0)
      faults.push(`--extra-tree: ${place}: nothing in the tree fits ${quoteForMessage(pattern)}`);
    for (const { path } of fitting) owners.set(path, { uid, gid });
  }
  return owners;
}

/** Whether a path is a folder, or lies in it. */
function isBelow(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** `2 files (/etc/motd, /etc/issue)`. */
function name(paths: readonly string[], noun: string): string {
  const shown = paths.slice(0, MAX_NAMED).map((path) => path.slice(0, 200));
  const more = paths.length > shown.length ? ', …' : '';
  return `${paths.length} ${noun}${paths.length === 1 ? '' : 's'} (${shown.join(', ')}${more})`;
}
