import { BugError } from '../src/core/errors.ts';
import type { BaseFiles, FileChange } from '../src/core/model.ts';
import {
  type Account,
  findPasswordHash,
  listPasswordUsers,
  replacePasswordHash,
} from '../src/formats/config/accounts.ts';
import { basePackages, DPKG_STATUS, getBytes, getText } from '../src/formats/config/base-text.ts';
import { giveShell } from '../src/formats/config/edit-accounts.ts';
import { listOnBoot } from '../src/formats/config/fstab.ts';
import { renameInHosts } from '../src/formats/config/hostname.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { editedFile } from './edited-file.ts';
import { listFirstUserReads, namesLogin, planFirstUser } from './first-user.ts';
import { rootFile } from './root-file.ts';
import type { Stage, StageInput, StagePlan } from './stage.ts';
import { listUserReads, PASSWD, planUser, SHADOW, STOCK_USER, type UserPlan, writeTexts } from './user.ts';

const HOSTS = '/etc/hosts';
const HOSTNAME = '/etc/hostname';
/** On the FAT volume; Raspberry Pi's sshswitch.service looks for it. */
const SSH_FLAG = 'ssh';
const SSHD = '/etc/ssh/sshd_config';
const SSHD_OWN = '/etc/ssh/sshd_config.d/10-wwanpi.conf';
const SSH_WANTED = '/etc/systemd/system/multi-user.target.wants/ssh.service';

/** The user, SSH, the user's keys and password, and the host name. */
export const access: Stage = {
  name: 'access',
  reads: ({ user }) => [
    ...listUserReads(user),
    ...listFirstUserReads(user ?? STOCK_USER),
    ...[HOSTS, HOSTNAME, ...listOnBoot(SSH_FLAG), SSH_WANTED, SSHD, SSHD_OWN, DPKG_STATUS],
    `/home/${STOCK_USER}/.ssh/authorized_keys`,
  ],
  plan: ({ recipe, facts, files, overlay }) => {
    const user = planUser(recipe.user, files);
    const parts: readonly StagePlan[] = [
      planSsh(recipe, `${facts.system.bootFolder}/${SSH_FLAG}`, files),
      user.faults.length > 0 ? { changes: [], faults: user.faults } : planLogin(recipe, user, files, overlay),
      planSshd(recipe, files, overlay(SSHD_OWN)),
      planHostname(recipe.hostname, files),
    ];
    return {
      changes: parts.flatMap((part) => part.changes),
      faults: parts.flatMap((part) => part.faults ?? []),
      warnings: parts.flatMap((part) => part.warnings ?? []),
    };
  },
};

/** The account, its keys and its password. */
function planLogin(
  recipe: Recipe,
  user: UserPlan,
  files: BaseFiles,
  overlay: StageInput['overlay'],
): StagePlan {
  const texts = new Map(user.texts);
  const keys = planKeys(recipe.sshKeys, user, files);
  const password = planPassword(
    recipe,
    user.account,
    texts.get(SHADOW) ?? getText(files, SHADOW) ?? '',
    files,
  );
  if (password.shadow !== undefined) texts.set(SHADOW, password.shadow);
  const { account } = user;
  const first: FileChange[] = [];
  if (account !== undefined && namesLogin(recipe)) {
    const passwd = texts.get(PASSWD) ?? getText(files, PASSWD) ?? '';
    const withShell = giveShell(passwd, account.name);
    if (withShell !== passwd) texts.set(PASSWD, withShell);
    first.push(...planFirstUser(recipe, account, files, overlay));
  }
  return {
    changes: [...user.changes, ...keys.changes, ...writeTexts(texts, files), ...first],
    faults: [...(keys.faults ?? []), ...(password.faults ?? [])],
    warnings: password.warnings ?? [],
  };
}

function planSsh(recipe: Recipe, flag: string, files: BaseFiles): StagePlan {
  if (!recipe.ssh) return { changes: [] };
  const installed = basePackages(files);
  if (!installed.has('openssh-server')) {
    return {
      changes: [],
      faults: ['the base has no SSH server (openssh-server), so --ssh has nothing to turn on'],
    };
  }
  // Raspbian's sshswitch.service checks for the file at each boot; host keys exist by then.
  if (installed.has('raspberrypi-sys-mods')) return { changes: [rootFile('access', flag, '')] };
  const link: FileChange = {
    kind: 'symlink',
    stage: 'access',
    path: SSH_WANTED,
    target: '/lib/systemd/system/ssh.service',
  };
  return { changes: [link] };
}

function planKeys(
  keys: readonly string[],
  { account, baseHome }: UserPlan,
  files: BaseFiles,
): Pick<StagePlan, 'changes' | 'faults'> {
  if (keys.length === 0) return { changes: [] };
  if (account === undefined) return { changes: [], faults: [describeMissingUser('--ssh-key', files)] };
  const { name, uid, gid, home } = account;
  if (home === undefined)
    return {
      changes: [],
      faults: [`user ${name} has no home folder in the base's ${PASSWD}, so --ssh-key has no place`],
    };
  const old = (getText(files, `${baseHome}/.ssh/authorized_keys`) ?? '')
    .split('\n')
    .filter((line) => line !== '');
  const lines = [...old, ...keys.filter((key) => !old.includes(key))];
  return {
    changes: [
      { kind: 'directory', stage: 'access', path: `${home}/.ssh`, mode: 0o700, uid, gid },
      {
        kind: 'file',
        stage: 'access',
        path: `${home}/.ssh/authorized_keys`,
        content: getBytes(`${lines.join('\n')}\n`),
        mode: 0o600,
        uid,
        gid,
      },
    ],
  };
}

/**
 * Keys without a password: then no password opens SSH, the stock one neither. sshd takes the first value it meets. From
 * OpenSSH 8.2 on, Debian's sshd_config begins with an Include; an older one gets the lines at its top.
 */
function planSshd({ sshKeys, password }: Recipe, files: BaseFiles, own: string): StagePlan {
  const keysOnly = sshKeys.length > 0 && password.kind === 'stock';
  const text = fillPlaceholders(own, {});
  const conf = getText(files, SSHD);
  if (conf === undefined) return { changes: [] };
  if (/^\s*Include\s+\/etc\/ssh\/sshd_config\.d\/\*\.conf\s*$/m.test(conf)) {
    if (keysOnly) return { changes: [rootFile('access', SSHD_OWN, text)] };
    const isThere = files.get(SSHD_OWN) !== undefined;
    return { changes: isThere ? [{ kind: 'remove', stage: 'access', path: SSHD_OWN }] : [] };
  }
  // A base that wwanpi made earlier may have the lines.
  const plain = conf.startsWith(text) ? conf.slice(text.length) : conf;
  const edited = keysOnly ? `${text}${plain}` : plain;
  if (edited === conf) return { changes: [] };
  return { changes: [editedFile('access', SSHD, edited, files)] };
}

/** @returns `shadow`, the new text of /etc/shadow, if the password changes */
function planPassword(
  { password, ssh, sshKeys, stockPassword }: Recipe,
  account: Account | undefined,
  shadow: string,
  files: BaseFiles,
): Pick<StagePlan, 'faults' | 'warnings'> & { readonly shadow?: string } {
  if (password.kind === 'clear') throw new BugError('the password was not hashed before planning');
  const name = account?.name ?? STOCK_USER;
  if (password.kind === 'hash') {
    const edited = replacePasswordHash(shadow, name, password.hash);
    return edited === undefined ? { faults: [describeMissingUser('--password', files)] } : { shadow: edited };
  }
  if (account === undefined) return { warnings: describeOthers(files) };
  const usable = !/^[*!]/.test(findPasswordHash(shadow, name) ?? '!');
  if (!usable) return {};
  const keeps = `user ${name} keeps the base's own password ("raspberry" in stock images)`;
  if (ssh && sshKeys.length === 0 && stockPassword === 'refuse') {
    const ways = 'give --ssh-key or --password, or say --stock-password keep';
    return { faults: [`${keeps}, and --ssh lets anyone in who knows it; ${ways}`] };
  }
  const reach =
    sshKeys.length > 0
      ? 'for anyone at its keyboard; over SSH only a key counts'
      : ssh
        ? 'and SSH is on'
        : 'for anyone at its keyboard or, once turned on, over SSH';
  return { warnings: [`${keeps}, ${reach}; set one with --password`] };
}

/** @param option what was given for the user pi, which the base does not have */
function describeMissingUser(option: string, files: BaseFiles): string {
  const users = listOthers(files);
  const missing = `the base has no user ${STOCK_USER} to give ${option} to`;
  const advice = `name one with --user, or leave ${option} out`;
  return users.length === 0
    ? `${missing}, and no other user has a password; ${advice}`
    : `${missing}; ${users.join(', ')} can log in with the password of the base; ${advice}`;
}

function describeOthers(files: BaseFiles): string[] {
  const users = listOthers(files);
  if (users.length === 0) return [];
  return [
    `the base has no user ${STOCK_USER}; ${users.join(', ')} can log in with the password of the base; name a user with --user`,
  ];
}

function listOthers(files: BaseFiles): string[] {
  return listPasswordUsers(getText(files, PASSWD) ?? '', getText(files, SHADOW) ?? '');
}

function planHostname(hostname: string | undefined, files: BaseFiles): StagePlan {
  if (hostname === undefined) return { changes: [] };
  const hosts = renameInHosts(getText(files, HOSTS) ?? '127.0.0.1\tlocalhost\n', hostname);
  return {
    changes: [
      editedFile('access', HOSTNAME, `${hostname}\n`, files),
      editedFile('access', HOSTS, hosts, files),
    ],
  };
}
