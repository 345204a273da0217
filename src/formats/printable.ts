const LONGEST = 500;

/**
 * Foreign text (a label, a mount point, a server's message) made safe for a terminal: one line of at most 500
 * characters, with dots for control characters and those that change the direction of writing.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, '·').slice(0, LONGEST);
}

/** The user's text for a message: quoted, shortened, and without characters that control a terminal. */
export function quoteForMessage(text: string): string {
  const plain = text.replaceAll(/[^\x20-\x7e]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
  return `"${plain.length > 80 ? `${plain.slice(0, 80)}…` : plain}"`;
}

/** JSON that is shown on a terminal: JSON.stringify leaves DEL, the C1 controls and turns of direction as they are. */
export function escapeJson(json: string): string {
  return json.replaceAll(
    /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
