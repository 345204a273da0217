/** What ifupdown makes of an interfaces file: each `iface` with its options, and the other top-level lines. */
export interface ParsedInterfaces {
  readonly stanzas: readonly { readonly head: string; readonly options: readonly [string, string][] }[];
  readonly others: readonly string[];
}

/** Reads interfaces(5) by its own rules: comments, continuation by a trailing backslash, keyword then value. */
export function parseInterfaces(text: string): ParsedInterfaces {
  const stanzas: { head: string; options: [string, string][] }[] = [];
  const others: string[] = [];
  const lines = text.replaceAll('\\\n', '').split('\n');
  for (const raw of lines) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [keyword = '', ...rest] = line.split(/[ \t]+/);
    const value = line.slice(keyword.length).trim();
    const stanza = stanzas.at(-1);
    if (keyword === 'iface') stanzas.push({ head: rest.join(' '), options: [] });
    else if (
      /^(auto|allow-[a-z]+|mapping|source|source-directory|no-auto-down|no-scripts|template)$/.test(keyword)
    ) {
      others.push(line);
    } else if (stanza === undefined) throw new Error(`option outside a stanza: ${line}`);
    else stanza.options.push([keyword, value]);
  }
  return { stanzas, others };
}
