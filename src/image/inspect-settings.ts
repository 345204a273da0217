import { findPasswordHash, listLoginUsers } from '../formats/config/accounts.ts';
import { getVariable } from '../formats/config/locale-settings.ts';
import { type ImageTree, readText } from './image-tree.ts';

/** Who an image is and who logs in to it. Absent settings are undefined. */
export interface SettingsReport {
  readonly hostname: string | undefined;
  readonly timezone: string | undefined;
  readonly locale: string | undefined;
  readonly keyboard: string | undefined;
  readonly users: readonly UserReport[];
}

/** An account with a home and a shell. */
export interface UserReport {
  readonly name: string;
  /** Whether a password opens it; never the password or its hash. */
  readonly password: boolean;
  /** How many keys open it over SSH. */
  readonly keys: number;
}

/** Reads host name, time zone, locale, keyboard layout and users of an image. */
export async function inspectSettings(tree: ImageTree): Promise<SettingsReport> {
  const read = async (path: string) => (await readText(tree, path, MAX_BYTES)) ?? '';
  const line = async (path: string) => (await read(path)).split('\n')[0]?.trim() || undefined;
  const shadow = await read('/etc/shadow');
  const users: UserReport[] = [];
  for (const { name, home } of listLoginUsers(await read('/etc/passwd'))) {
    const keys = home === undefined ? '' : await read(`${home}/.ssh/authorized_keys`);
    users.push({
      name,
      password: /^[^*!]/.test(findPasswordHash(shadow, name) ?? ''),
      keys: keys.split('\n').filter((text) => /^\s*[^\s#]/.test(text)).length,
    });
  }
  return {
    hostname: await line('/etc/hostname'),
    timezone: await line('/etc/timezone'),
    locale: getVariable(await read('/etc/default/locale'), 'LANG'),
    keyboard: getVariable(await read('/etc/default/keyboard'), 'XKBLAYOUT'),
    users,
  };
}

/** None of these files has a hundredth of it on a Pi. */
const MAX_BYTES = 4 * 1024 * 1024;
