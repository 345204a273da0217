import { InputError } from '../../core/errors.ts';

/** The groups of a key file, by their names, and the values of each group, by their keys. */
export type Keyfile = ReadonlyMap<string, ReadonlyMap<string, string>>;

const ESCAPES: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };

/**
 * Reads a key file of GLib (glib/gkeyfile.c), as NetworkManager's profiles are (nm-settings-keyfile(5)): values are text,
 * with their escapes decoded. Of a key that occurs twice the last counts; of a group, all lines.
 * @param name of the file, for the error
 * @throws InputError for a line that GLib does not take, by its number: the line may hold a password
 */
export function readKeyfile(text: string, name: string): Keyfile {
  const groups = new Map<string, Map<string, string>>();
  let group: Map<string, string> | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.trimStart();
    if (content === '' || content.startsWith('#')) continue;
    const title = /^\[([^[\]\p{Cc}]+)\]\s*$/u.exec(content)?.[1];
    if (title !== undefined) {
      group = groups.get(title) ?? new Map();
      groups.set(title, group);
      continue;
    }
    const [, key, raw = ''] = /^([A-Za-z0-9][A-Za-z0-9_.-]*)\s*=[ \t\v\f]*(.*)$/.exec(content) ?? [];
    const value = decodeEscapes(raw);
    if (group === undefined || key === undefined || value === undefined)
      throw new InputError(`line ${index + 1} of ${name} is not one of a key file`);
    group.set(key, value);
  }
  return groups;
}

/** The items of a value that is a list: each ends with a semicolon, the last one may lack it. */
export function splitKeyfileList(value: string): string[] {
  return value.split(';').filter((item) => item !== '');
}

/** Undefined for an escape that there is not. */
function decodeEscapes(raw: string): string | undefined {
  const isKnown = !raw.replaceAll(/\\[sntr\\]/g, '').includes('\\');
  return isKnown ? raw.replaceAll(/\\(.)/g, (_match, letter: string) => ESCAPES[letter] ?? '') : undefined;
}
