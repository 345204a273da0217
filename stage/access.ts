import { BugError } from '../src/core/errors.ts';
import type { BaseFiles, FileChange } from '../src/core/model.ts';
import {
  findAccount,
  findPasswordHash,
  listPasswordUsers,
  replacePasswordHash,
} from '../src/formats/config/accounts.ts';
import { basePackages, DPKG_STATUS, getBytes, getMeta, getText } from '../src/formats/config/base-text.ts';
import { renameInHosts } from '../src/formats/config/hostname.ts';
import { fillPlaceholders } from '../src/formats/config/placeholders.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { rootFile } from './root-file.ts';
import type { Stage, StagePlan } from './stage.ts';

const PASSWD = '/etc/passwd';
const SHADOW = '/etc/shadow';
const HOSTS = '/etc/hosts';
const HOSTNAME = '/etc/hostname';
const SSH_FLAG = '/boot/ssh';
const SSHD = '/etc/ssh/sshd_config';
const SSHD_OWN = '/etc/ssh/sshd_config.d/10-wwanpi.conf';
const SSH_WANTED = '/etc/systemd/system/multi-user.target.wants/ssh.service';
const USER = 'pi';

/** SSH, keys and password of the user pi, and the host name. */
export const access: Stage = {
  name: 'access',
  reads: () => [
    PASSWD,
    SHADOW,
    HOSTS,
    HOSTNAME,
    SSH_FLAG,
    SSH_WANTED,
    SSHD,
    SSHD_OWN,
    `/home/${USER}/.ssh/authorized_keys`,
    DPKG_STATUS,
  ],
  plan: ({ recipe, files, overlay }) => {
    const parts = [
      planSsh(recipe, files),
      planKeys(recipe.sshKeys, files),
      planSshd(recipe, files, overlay(SSHD_OWN)),
      planPassword(recipe, files),
      planHostname(recipe.hostname, files),
    ];
    return {
      changes: parts.flatMap((part) => part.changes),
      faults: parts.flatMap((part) => part.faults ?? []),
      warnings: parts.flatMap((part) => part.warnings ?? []),
    };
  },
};

function planSsh(recipe: Recipe, files: BaseFiles): StagePlan {
  if (!recipe.ssh) return { changes: [] };
  const installed = basePackages(files);
  if (!installed.has('openssh-server')) {
    return {
      changes: [],
      faults: ['the base has no SSH server (openssh-server), so --ssh has nothing to turn on'],
    };
  }
  // Raspbian's sshswitch.service checks for the file at each boot; host keys exist by then.
  if (installed.has('raspberrypi-sys-mods')) return { changes: [rootFile('access', SSH_FLAG, '')] };
  const link: FileChange = {
    kind: 'symlink',
    stage: 'access',
    path: SSH_WANTED,
    target: '/lib/systemd/system/ssh.service',
  };
  return { changes: [link] };
}

function planKeys(keys: readonly string[], files: BaseFiles): StagePlan {
  if (keys.length === 0) return { changes: [] };
  const account = findAccount(getText(files, PASSWD) ?? '', USER);
  if (account === undefined) return { changes: [], faults: [describeMissingUser('--ssh-key', files)] };
  const { uid, gid, home } = account;
  if (home === undefined)
    return {
      changes: [],
      faults: [`user ${USER} has no home folder in the base's ${PASSWD}, so --ssh-key has no place`],
    };
  const path = `${home}/.ssh/authorized_keys`;
  const old = (getText(files, path) ?? '').split('\n').filter((line) => line !== '');
  const lines = [...old, ...keys.filter((key) => !old.includes(key))];
  return {
    changes: [
      { kind: 'directory', stage: 'access', path: `${home}/.ssh`, mode: 0o700, uid, gid },
      {
        kind: 'file',
        stage: 'access',
        path,
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
  const meta = getMeta(files.get(SSHD));
  return { changes: [{ kind: 'file', stage: 'access', path: SSHD, content: getBytes(edited), ...meta }] };
}

function planPassword({ password, ssh, sshKeys, stockPassword }: Recipe, files: BaseFiles): StagePlan {
  const shadow = getText(files, SHADOW) ?? '';
  if (password.kind === 'stock') {
    const usable = !/^[*!]/.test(findPasswordHash(shadow, USER) ?? '!');
    const keeps = `user ${USER} keeps the base's own password ("raspberry" in stock images)`;
    if (usable && ssh && sshKeys.length === 0 && stockPassword === 'refuse') {
      const ways = 'give --ssh-key or --password, or say --stock-password keep';
      return { changes: [], faults: [`${keeps}, and --ssh lets anyone in who knows it; ${ways}`] };
    }
    const reach =
      sshKeys.length > 0
        ? 'for anyone at its keyboard; over SSH only a key counts'
        : ssh
          ? 'and SSH is on'
          : 'for anyone at its keyboard or, once turned on, over SSH';
    const warning = `${keeps}, ${reach}; set one with --password`;
    if (usable) return { changes: [], warnings: [warning] };
    if (findAccount(getText(files, PASSWD) ?? '', USER) === undefined) {
      return { changes: [], warnings: [describeMissingUser(undefined, files)] };
    }
    const shutOut = `user ${USER} has no password in this base: nobody can log in; give --password or --ssh-key`;
    return { changes: [], warnings: sshKeys.length === 0 ? [shutOut] : [] };
  }
  if (password.kind === 'clear') throw new BugError('the password was not hashed before planning');
  const edited = replacePasswordHash(shadow, USER, password.hash);
  if (edited === undefined) return { changes: [], faults: [describeMissingUser('--password', files)] };
  const meta = getMeta(files.get(SHADOW));
  return {
    changes: [
      { kind: 'file', stage: 'access', path: SHADOW, content: getBytes(edited), ...meta, secret: true },
    ],
  };
}

/** @param option what was given for the user, if anything was */
function describeMissingUser(option: string | undefined, files: BaseFiles): string {
  const users = listPasswordUsers(getText(files, PASSWD) ?? '', getText(files, SHADOW) ?? '');
  const missing = `the base has no user ${USER}${option === undefined ? '' : ` to give ${option} to`}`;
  const advice = `use a base with the user ${USER}${option === undefined ? '' : `, or leave ${option} out`}`;
  return users.length === 0
    ? `${missing}, and no other user has a password: nobody can log in; ${advice}`
    : `${missing}; ${users.join(', ')} can log in with the password of the base; ${advice}`;
}

function planHostname(hostname: string | undefined, files: BaseFiles): StagePlan {
  if (hostname === undefined) return { changes: [] };
  const hosts = renameInHosts(getText(files, HOSTS) ?? '127.0.0.1\tlocalhost\n', hostname);
  return {
    changes: [
      {
        kind: 'file',
        stage: 'access',
        path: HOSTNAME,
        content: getBytes(`${hostname}\n`),
        ...getMeta(files.get(HOSTNAME)),
      },
      { kind: 'file', stage: 'access', path: HOSTS, content: getBytes(hosts), ...getMeta(files.get(HOSTS)) },
    ],
  };
}
