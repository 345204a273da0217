/**
 * Text as roff that prints unchanged (groff_man(7), mandoc's mandoc_char(7)). It escapes backslashes, hyphens that
 * have to stay copyable, and a dot or apostrophe that would begin a request. `\`x\`` becomes bold.
 */
export function escapeRoff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/`([^`]+)`/g, '\\fB$1\\fR')
    .replaceAll("'", '\\(aq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll(
      /[^\x00-\x7f]/gu,
      (c) => `\\[u${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replaceAll(/^\./gm, '\\&.');
}

/** A section heading. */
export function formatSection(title: string): string {
  return `.SH ${quoteArgument(title.toUpperCase())}\n`;
}

/** A heading within a section. */
export function formatSubsection(title: string): string {
  return `.SS ${quoteArgument(title)}\n`;
}

/** A paragraph that follows others or a heading. */
export function formatRoffParagraph(text: string): string {
  return `.PP\n${escapeRoff(text)}\n`;
}

/** A term, in bold, with its meaning indented below or beside it. */
export function formatTerm(term: string, meaning: string): string {
  return `.TP\n.B ${quoteArgument(term)}\n${escapeRoff(meaning)}\n`;
}

/** Lines that keep their breaks and spaces. */
export function formatVerbatim(text: string): string {
  return `.PP\n.nf\n${escapeRoff(text.trimEnd())}\n.fi\n`;
}

/** One argument of a request; a quote is doubled within. */
export function quoteArgument(text: string): string {
  return `"${escapeRoff(text).replaceAll('"', '\\(dq')}"`;
}
