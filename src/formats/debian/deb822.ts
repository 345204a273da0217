/** A deb822(5) paragraph: its fields in order. A value keeps its continuation lines as written. */
export type Paragraph = readonly (readonly [name: string, value: string])[];

/** The paragraphs of a deb822 text, unchanged, without the empty lines between them. */
export function splitParagraphs(text: string): string[] {
  return text
    .split(/\n(?:[ \t]*\n)+/)
    .map((paragraph) => paragraph.replace(/^\n+|\n+$/g, ''))
    .filter((paragraph) => paragraph !== '');
}

/** The fields of one paragraph. Comment lines and lines that are neither a field nor its continuation are left out. */
export function parseParagraph(text: string): Paragraph {
  const fields: [string, string][] = [];
  for (const line of text.split('\n')) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line)) {
      if (last !== undefined) last[1] += `\n${line}`;
      continue;
    }
    const match = /^([!"$-,.-9;-~][!-9;-~]*):[ \t]*(.*)$/.exec(line);
    if (match !== null) fields.push([match[1] ?? '', (match[2] ?? '').trimEnd()]);
  }
  return fields;
}

/** The paragraph as text, ending in a newline. */
export function formatParagraph(paragraph: Paragraph): string {
  return paragraph
    .map(([name, value]) => `${name}:${value === '' || value.startsWith('\n') ? '' : ' '}${value}\n`)
    .join('');
}

/** The value of a field; names are case-insensitive. */
export function getField(paragraph: Paragraph, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return paragraph.find(([candidate]) => candidate.toLowerCase() === wanted)?.[1];
}
