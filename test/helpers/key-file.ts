/** A key file as GLib reads it (glib/gkeyfile.c): values of text by group and key. Throws where GLib refuses the file. */
export function parseKeyFile(text: string): Map<string, Map<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of text.split('\n').map((raw) => raw.replace(/\r$/, ''))) {
    if (/^\s*(#|$)/.test(line)) continue;
    const group = /^\[([^[\]\x00-\x1f\x7f]+)\]\s*$/.exec(line)?.[1];
    if (group !== undefined) {
      current = groups.get(group) ?? new Map();
      groups.set(group, current);
      continue;
    }
    const [, key, value = ''] = /^([^=[\]\s][^=[\]]*?)\s*=[\t\n\v\f\r ]*([\s\S]*)$/.exec(line) ?? [];
    if (key === undefined || current === undefined) throw new Error(`no line of a key file: ${line}`);
    current.set(key, decode(value));
  }
  return groups;
}

const ESCAPES: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };

function decode(value: string): string {
  return value.replaceAll(/\\(.?)/gsu, (_, character: string) => {
    const meant = ESCAPES[character];
    if (meant === undefined) throw new Error(`no escape of a key file: \\${character}`);
    return meant;
  });
}

/** What NetworkManager takes for a network's name: numbers of bytes, or text (libnm-core-impl/nm-keyfile.c, get_bytes). */
export function readSsid(value: string): string {
  if (!/^[\s\d;]+$/.test(value)) return value.replaceAll('\\;', ';');
  return Buffer.from(
    value
      .split(';')
      .filter((part) => part.trim() !== '')
      .map(Number),
  ).toString('utf8');
}
