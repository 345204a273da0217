import { structuredPatch } from 'diff';

/** Longest text shown of one change; a whole new script fits, a package database does not. */
const MAX_LINES = 200;
/** A text with more differences is another text; looking on for the shortest way from one to the other takes minutes. */
const MAX_EDITS = 20_000;

/**
 * The lines of a unified diff between two texts, three lines around each change, made safe for a terminal; a text that
 * is not there is empty.
 * @returns undefined when one of them is no text
 */
export function diffTexts(
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): string[] | undefined {
  const [old, recent] = [before, after].map((bytes) => decodeText(bytes ?? new Uint8Array()));
  if (old === undefined || recent === undefined) return undefined;
  const options = { context: 3, maxEditLength: MAX_EDITS };
  const patch = structuredPatch('', '', old, recent, undefined, undefined, options);
  if (patch === undefined) return ['… too much differs to show'];
  const lines = patch.hunks.flatMap((hunk) => [
    `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
    ...hunk.lines,
  ]);
  const shown = lines.slice(0, MAX_LINES).map(escapeControls);
  if (lines.length > shown.length) shown.push(`… ${lines.length - shown.length} more lines`);
  return shown;
}

/** Text, or undefined for what has a NUL byte or is no UTF-8: that is binary to a reader. */
export function decodeText(content: Uint8Array): string | undefined {
  if (content.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

/** Somebody else's text, as it can go to a terminal: nothing in it drives that. Tabs and line ends stay. */
export function escapeControls(text: string): string {
  return text.replaceAll(
    /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g,
    (c) => `\\x${(c.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
}
