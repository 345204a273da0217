/** The fields of a line of /etc/passwd (passwd(5)) that wwanpi uses. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Absolute, without a slash at its end; undefined where it is no folder of the user's own, as '' or `/`. */
  readonly home: string | undefined;
}

/** User and group ids have 32 bits. */
const MAX_ID = 2 ** 32 - 2;

/** The first id of a person's account (adduser.conf(5), FIRST_UID). */
export const FIRST_ID = 1000;

/** The account `name` in the text of /etc/passwd, or undefined. */
export function findAccount(passwd: string, name: string): Account | undefined {
  for (const line of passwd.split('\n')) {
    const [user, , uid, gid, , home] = line.split(':');
    if (user !== name || home === undefined || !isId(uid) || !isId(gid)) continue;
    return { name, uid: Number(uid), gid: Number(gid), home: normalizeHome(home) };
  }
  return undefined;
}

/** Names that adduser(8) makes. */
const NAME = /^[a-z_][a-z0-9_.-]{0,31}$/i;
/** The shells of users that nobody logs in as. */
export const NO_SHELL = /\/(?:nologin|false|sync)$/;

/**
 * The users who can log in with a password of their own: a hash in shadow(5), and a shell that is one.
 * @param passwd the text of /etc/passwd
 * @param shadow the text of /etc/shadow
 */
export function listPasswordUsers(passwd: string, shadow: string): string[] {
  return listShellUsers(passwd).filter((name) => /^[^*!].{12}/.test(findPasswordHash(shadow, name) ?? ''));
}

/** Accounts of people, by adduser(8): a shell, and a person's id. */
export function listLoginUsers(passwd: string): Account[] {
  return listShellUsers(passwd).flatMap((name) => {
    const account = findAccount(passwd, name);
    return account !== undefined && isPersonalId(account.uid) ? [account] : [];
  });
}

/** Whether an id is one that adduser(8) gives to people: up to LAST_UID; those from 60000 on are reserved. */
export function isPersonalId(id: number): boolean {
  return id >= FIRST_ID && id < 60_000;
}

function listShellUsers(passwd: string): string[] {
  return passwd.split('\n').flatMap((line) => {
    const [name = '', , , , , , shell = ''] = line.split(':');
    return NAME.test(name) && !NO_SHELL.test(shell) ? [name] : [];
  });
}

function isId(text: string | undefined): boolean {
  return /^\d{1,10}$/.test(text ?? '') && Number(text) <= MAX_ID;
}

/** adduser writes `/home/pi`; `/home/pi/` and `/home//pi` are the same folder. */
function normalizeHome(home: string): string | undefined {
  const names = home.split('/').filter((name) => name !== '');
  const isPlain =
    home.startsWith('/') && names.length > 0 && !names.some((name) => /^\.\.?$|[\x00-\x1f\x7f"]/.test(name));
  return isPlain ? `/${names.join('/')}` : undefined;
}

/** The password field of `name` in the text of /etc/shadow (shadow(5)), or undefined. */
export function findPasswordHash(shadow: string, name: string): string | undefined {
  return shadow
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === name && fields.length >= 2)?.[1];
}

/** /etc/shadow with the password field of `name` replaced, or undefined when there is no such line. */
export function replacePasswordHash(shadow: string, name: string, hash: string): string | undefined {
  let found = false;
  const lines = shadow.split('\n').map((line) => {
    const fields = line.split(':');
    if (fields[0] !== name || fields.length < 2) return line;
    found = true;
    return [name, hash, ...fields.slice(2)].join(':');
  });
  return found ? lines.join('\n') : undefined;
}

/** Why glibc 2.24 (Stretch) cannot check `hash`, or undefined: it must be sha512-crypt or sha256-crypt. */
export function validatePasswordHash(hash: string): string | undefined {
  return /^\$6\$(rounds=\d{1,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/.test(hash) ||
    /^\$5\$(rounds=\d{1,9}\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{43}$/.test(hash)
    ? undefined
    : 'is not a sha512-crypt ($6$…) or sha256-crypt ($5$…) hash';
}
