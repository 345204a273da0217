import { NO_SHELL } from './accounts.ts';

/** A text of the account database in which a user and the user's group got another name. */
export type Rename = (text: string, from: string, to: string) => string;

/** /etc/passwd (passwd(5)) with another login name and home folder. */
export function renameInPasswd(text: string, from: string, to: string, home: string): string {
  return mapFields(text, (fields) =>
    fields[0] === from ? [to, ...fields.slice(1, 5), home, ...fields.slice(6)] : fields,
  );
}

/** /etc/passwd in which a user whose shell lets nobody in has bash. */
export function giveShell(text: string, name: string): string {
  return mapFields(text, (fields) =>
    fields[0] === name && NO_SHELL.test(fields[6] ?? '') ? [...fields.slice(0, 6), '/bin/bash'] : fields,
  );
}

/** /etc/shadow, /etc/subuid or /etc/subgid with another login name; each line begins with one. */
export const renameFirstField: Rename = (text, from, to) =>
  mapFields(text, (fields) => (fields[0] === from ? [to, ...fields.slice(1)] : fields));

/** /etc/group (group(5)) or /etc/gshadow (gshadow(5)) with another name of the user and of the user's own group. */
export const renameInGroups: Rename = (text, from, to) =>
  mapFields(text, (fields) =>
    fields.map((field, index) => {
      if (index === 0) return field === from ? to : field;
      // group(5): name, password, GID, members; gshadow(5): name, password, administrators, members.
      return index < 2 ? field : mapNames(field, (name) => (name === from ? to : name));
    }),
  );

/** The same files with one more member in some groups; a group that is not there is left out. */
export function addToGroups(text: string, groups: readonly string[], member: string): string {
  return mapFields(text, (fields) => {
    if (!groups.includes(fields[0] ?? '') || fields.length < 4) return fields;
    const members = (fields[3] ?? '').split(',').filter((name) => name !== '');
    return members.includes(member) ? fields : [...fields.slice(0, 3), [...members, member].join(',')];
  });
}

/** A text with one more line at its end. */
export function appendLine(text: string, line: string): string {
  return `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${line}\n`;
}

/** The numbers in one field of a file of this kind, such as every UID of /etc/passwd. */
export function listIds(text: string, field: number): ReadonlySet<number> {
  const ids = text.split('\n').map((line) => line.split(':')[field] ?? '');
  return new Set(ids.filter((id) => /^\d{1,10}$/.test(id)).map(Number));
}

/** Whether a line of the text begins with this name. */
export function hasEntry(text: string, name: string): boolean {
  return text.split('\n').some((line) => line.startsWith(`${name}:`));
}

/** sudoers(5) in which the rules for a user are those for another. */
export const renameInSudoers: Rename = (text, from, to) =>
  text
    .split('\n')
    .map((line) => (/^\S+/.exec(line)?.[0] === from ? `${to}${line.slice(from.length)}` : line))
    .join('\n');

/**
 * A unit of systemd or a lightdm.conf in which another user is logged in at boot: `agetty --autologin NAME`,
 * `autologin-user=NAME`.
 */
export const renameAutologin: Rename = (text, from, to) =>
  text.replaceAll(/(--autologin[ \t]+|^autologin-user=)(\S+)/gm, (whole, before: string, name: string) =>
    name === from ? `${before}${to}` : whole,
  );

function mapFields(text: string, edit: (fields: readonly string[]) => readonly string[]): string {
  return text
    .split('\n')
    .map((line) => (line.includes(':') ? edit(line.split(':')).join(':') : line))
    .join('\n');
}

function mapNames(field: string, edit: (name: string) => string): string {
  return field.split(',').map(edit).join(',');
}
