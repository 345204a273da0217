/** One archive that a machine's apt is configured for: one URI with one suite. */
export interface AptSource {
  /** Without a trailing slash. */
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** The value of Signed-By: key files, or an armoured key block; undefined: apt's default keyrings. */
  readonly signedBy: string | undefined;
}

/** The binary archives of a deb822 `.sources` file (sources.list(5)); disabled stanzas are left out. */
export function parseDeb822Sources(text: string): AptSource[] {
  return parseStanzas(text).flatMap((fields) => {
    if (/^(no|false|without|off|disable)$/i.test(fields.get('enabled') ?? '')) return [];
    if (!words(fields.get('types')).includes('deb')) return [];
    return words(fields.get('uris')).flatMap((uri) =>
      words(fields.get('suites')).map((suite) => ({
        uri: trimSlash(uri),
        suite,
        components: words(fields.get('components')),
        signedBy: fields.get('signed-by'),
      })),
    );
  });
}

/** The binary archives of a one-line-style `sources.list` (sources.list(5)). */
export function parseOneLineSources(text: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?([^\s#]+)\s+([^\s#]+)([^#]*)/.exec(line);
    if (match === null) continue;
    const [, options = '', uri = '', suite = '', components = ''] = match;
    const signedBy = words(options).find((option) => option.startsWith('signed-by='));
    sources.push({
      uri: trimSlash(uri),
      suite,
      components: words(components),
      signedBy: signedBy?.slice('signed-by='.length).replaceAll(',', ' '),
    });
  }
  return sources;
}

/** A `.sources` file. `types` is `deb`, `deb-src` or both. */
export function formatDeb822Sources(sources: readonly AptSource[], types: string): string {
  return sources
    .map((source) =>
      [
        `Types: ${types}`,
        `URIs: ${source.uri}`,
        `Suites: ${source.suite}`,
        `Components: ${source.components.join(' ')}`,
        ...(source.signedBy === undefined ? [] : [`Signed-By:${formatValue(source.signedBy)}`]),
        '',
      ].join('\n'),
    )
    .join('\n');
}

/**
 * Paragraphs of `Field: value` lines (deb822(5)), with field names in lower case. Continuation lines
 * keep their line breaks, without the leading blank; comment lines are dropped.
 */
export function parseStanzas(text: string): Map<string, string>[] {
  const stanzas: Map<string, string>[] = [];
  let fields = new Map<string, string>();
  let last = '';
  for (const line of `${text}\n\n`.split('\n')) {
    if (line.startsWith('#')) continue;
    if (line.trim() === '') {
      if (fields.size > 0) stanzas.push(fields);
      fields = new Map();
    } else if (/^\s/.test(line)) {
      fields.set(last, `${fields.get(last) ?? ''}\n${line.slice(1)}`);
    } else {
      const colon = line.indexOf(':');
      if (colon < 1) continue;
      last = line.slice(0, colon).toLowerCase();
      fields.set(last, line.slice(colon + 1).trim());
    }
  }
  return stanzas;
}

/** The URI without user name and password, for messages and for files of an image. */
export function withoutCredentials(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

function trimSlash(uri: string): string {
  return uri.replace(/\/+$/, '');
}

function formatValue(value: string): string {
  const [first = '', ...rest] = value.split('\n');
  return [first === '' ? '' : ` ${first}`, ...rest.map((line) => ` ${line}`)].join('\n');
}
