import { structuredPatch } from 'diff';

/** The most lines shown of one change: enough for a new script, not for a package database. */
const MAX_LINES = 200;
/**
 * With more differences the search for the shortest diff is given up. Its time grows with their square: 4000 take a second
 * and 20,000 take minutes, in which nothing ends it, Ctrl-C neither.
 */
const MAX_EDITS = 4000;

/**
 * The lines of a unified diff between two texts, with three lines around each change, made safe for a terminal. A
 * missing text counts as empty.
 * @returns undefined if one of them is binary
 */
export function diffTexts(
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): string[] | undefined {
  const [old, recent] = [before, after].map((bytes) => decodeText(bytes ?? new Uint8Array()));
  if (old === undefined || recent === undefined) return undefined;
  const isOneSided = old === '' || recent === '';
  const options = { context: 3, ...(isOneSided ? {} : { maxEditLength: MAX_EDITS }) };
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

/** The content as text; undefined if it is binary: has a NUL byte or is not UTF-8. */
export function decodeText(content: Uint8Array): string | undefined {
  if (content.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

/** Foreign text without characters that control a terminal. Tabs and line ends are kept. */
export function escapeControls(text: string): string {
  return text.replaceAll(
    /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g,
    (c) => `\\x${(c.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
}
