import type { BaseFiles, FileChange } from '../src/core/model.ts';
import { type Account, FIRST_ID, findAccount, isPersonalId } from '../src/formats/config/accounts.ts';
import { basePackages, getText } from '../src/formats/config/base-text.ts';
import {
  addToGroups,
  appendLine,
  hasEntry,
  listIds,
  type Rename,
  renameAutologin,
  renameFirstField,
  renameInGroups,
  renameInPasswd,
  renameInSudoers,
} from '../src/formats/config/edit-accounts.ts';
import { editedFile } from './edited-file.ts';
import { rootFile } from './root-file.ts';

/** The first user of Raspberry Pi's systems and of debian-bookworm. */
export const STOCK_USER = 'pi';

/** The account database of the base. */
export const PASSWD = '/etc/passwd';
export const SHADOW = '/etc/shadow';
const GROUP = '/etc/group';
const GSHADOW = '/etc/gshadow';

/** The files with subordinate ids, which newuidmap(1) reads. */
const SUBORDINATE = ['/etc/subuid', '/etc/subgid'];
/** Raspberry Pi's rule by which its first user needs no password for sudo; it keeps its name. */
const SUDOERS = '/etc/sudoers.d/010_pi-nopasswd';
/** Where raspi-config and Raspberry Pi's packages name the user who is logged in at boot. */
const AUTOLOGIN = [
  '/etc/systemd/system/autologin@.service',
  '/etc/systemd/system/getty@tty1.service.d/autologin.conf',
  '/etc/lightdm/lightdm.conf',
];
const SKELETON = ['.bashrc', '.bash_logout', '.profile'];

/** The groups of Raspberry Pi's first user (pi-gen, stage1/01-sys-tweaks and stage2/01-sys-tweaks). */
const GROUPS = [
  ...['adm', 'dialout', 'cdrom', 'sudo', 'audio', 'video', 'plugdev', 'games', 'users'],
  ...['input', 'netdev', 'gpio', 'i2c', 'spi', 'render'],
];

/** The user who gets keys and password, and what makes the account so. */
export interface UserPlan {
  /** As in the finished image; undefined if the base has no such user. */
  readonly account: Account | undefined;
  /** The home of the account in the base, where its files are read; undefined if there is none. */
  readonly baseHome: string | undefined;
  /** The new texts of files of the account database, by path. */
  readonly texts: ReadonlyMap<string, string>;
  readonly changes: readonly FileChange[];
  readonly faults: readonly string[];
}

/** The base's files that `planUser` needs. */
export function listUserReads(user: string | undefined): string[] {
  if (user === undefined) return [PASSWD, SHADOW];
  const home = [`/home/${STOCK_USER}`, `/home/${user}`].map((folder) => `${folder}/.ssh/authorized_keys`);
  const skeleton = SKELETON.flatMap((name) => [`/etc/skel/${name}`, `/home/${user}/${name}`]);
  return [
    ...[PASSWD, SHADOW, GROUP, GSHADOW, SUDOERS, getSudoRule(user)],
    ...[...SUBORDINATE, ...AUTOLOGIN, ...home, ...skeleton],
  ];
}

/**
 * Finds, renames or makes the user of an image. Without `user` it is the base's pi. With one, pi is renamed as
 * Raspberry Pi's userconf and Imager do it: name, group, home, subordinate ids, sudo rule and autologin. A base without
 * pi that has the user keeps it; otherwise the user is made as pi-gen makes pi.
 */
export function planUser(user: string | undefined, files: BaseFiles): UserPlan {
  const passwd = getText(files, PASSWD) ?? '';
  const name = user ?? STOCK_USER;
  const pi = findAccount(passwd, STOCK_USER);
  const own = findAccount(passwd, name);
  if (user === undefined || (own !== undefined && name === STOCK_USER)) return keepAccount(own);
  if (own !== undefined) {
    if (pi === undefined && isPersonalId(own.uid)) return keepAccount(own);
    return refuse(`the base already has an account ${name}; choose another name for --user`);
  }
  if (hasEntry(getText(files, GROUP) ?? '', name)) {
    return refuse(`the base already has a group ${name}; choose another name for --user`);
  }
  return pi === undefined ? makeAccount(name, files) : renameAccount(pi, name, files);
}

function keepAccount(account: Account | undefined): UserPlan {
  return { account, baseHome: account?.home, texts: new Map(), changes: [], faults: [] };
}

function refuse(fault: string): UserPlan {
  return { ...keepAccount(undefined), faults: [fault] };
}

function renameAccount(pi: Account, name: string, files: BaseFiles): UserPlan {
  const oldHome = `/home/${pi.name}`;
  if (pi.home !== oldHome) {
    return refuse(
      `the home of ${pi.name} in this base is ${pi.home ?? 'no folder'}, not ${oldHome}, so --user cannot rename it`,
    );
  }
  const home = `/home/${name}`;
  const renames: readonly (readonly [paths: readonly string[], rename: Rename])[] = [
    [[PASSWD], (text, from, to) => renameInPasswd(text, from, to, home)],
    [[SHADOW], renameFirstField],
    [[GROUP, GSHADOW], renameInGroups],
    [SUBORDINATE, renameFirstField],
    [[SUDOERS], renameInSudoers],
    [AUTOLOGIN, renameAutologin],
  ];
  const edits = renames.flatMap(([paths, rename]) =>
    paths.map((path): Edit => [path, (text) => rename(text, pi.name, name)]),
  );
  return {
    account: { ...pi, name, home },
    baseHome: oldHome,
    texts: editTexts(files, edits),
    changes: [{ kind: 'move', stage: 'access', path: home, from: oldHome }],
    faults: [],
  };
}

function makeAccount(name: string, files: BaseFiles): UserPlan {
  const used = new Set([
    ...listIds(getText(files, PASSWD) ?? '', 2),
    ...listIds(getText(files, GROUP) ?? '', 2),
  ]);
  let id = FIRST_ID;
  while (used.has(id)) id += 1;
  if (!isPersonalId(id))
    return refuse('the base has no free user id from 1000 to 59999, so --user has no place');
  const home = `/home/${name}`;
  const texts = editTexts(files, [
    [PASSWD, (text) => appendLine(text, `${name}:x:${id}:${id}:,,,:${home}:/bin/bash`)],
    // No date of the last change: it would differ from day to day, and nothing expires without it (shadow(5)).
    [SHADOW, (text) => appendLine(text, `${name}:!::0:99999:7:::`)],
    [GROUP, (text) => appendLine(addToGroups(text, GROUPS, name), `${name}:x:${id}:`)],
    [GSHADOW, (text) => appendLine(addToGroups(text, GROUPS, name), `${name}:!::`)],
  ]);
  const owner = { uid: id, gid: id };
  const skeleton = SKELETON.flatMap((file): FileChange[] => {
    const found = files.get(`/etc/skel/${file}`);
    if (found === undefined || files.get(`${home}/${file}`) !== undefined) return [];
    const { content, mode } = found;
    return [{ kind: 'file', stage: 'access', path: `${home}/${file}`, content, mode, ...owner }];
  });
  return {
    account: { name, ...owner, home },
    baseHome: home,
    texts,
    changes: [
      { kind: 'directory', stage: 'access', path: home, mode: 0o755, ...owner },
      ...skeleton,
      ...(basePackages(files).has('sudo') ? [makeSudoRule(name)] : []),
    ],
    faults: texts.has(SHADOW) ? [] : ['the base has no /etc/shadow, so --user cannot make an account'],
  };
}

/** A file, and what becomes of its text. */
type Edit = readonly [path: string, edit: (text: string) => string];

/** The texts that an edit changes; files that the base does not have are left out. */
function editTexts(files: BaseFiles, edits: readonly Edit[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [path, edit] of edits) {
    const text = getText(files, path);
    const edited = text === undefined ? undefined : edit(text);
    if (edited !== undefined && edited !== text) texts.set(path, edited);
  }
  return texts;
}

/** The changes for the texts. The account database has hashes, so shadow and gshadow are secret. */
export function writeTexts(texts: ReadonlyMap<string, string>, files: BaseFiles): FileChange[] {
  return [...texts].map(([path, text]) => ({
    ...editedFile('access', path, text, files),
    ...(path === SHADOW || path === GSHADOW ? { secret: true } : {}),
  }));
}

/** sudo(8) ignores a file whose name has a dot, which no user's name has. */
export function getSudoRule(user: string): string {
  return `/etc/sudoers.d/010_${user}-nopasswd`;
}

/** The rule by which a user needs no password for sudo, as Raspberry Pi's first user has it. */
export function makeSudoRule(user: string): FileChange {
  return rootFile('access', getSudoRule(user), `${user} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
}
