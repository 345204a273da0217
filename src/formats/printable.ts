const LONGEST = 500;

/**
 * A text of foreign origin (a label, a mount point, what a server says) as it can go to a terminal: on one line, control
 * characters and those that turn the direction of writing as dots, and no longer than 500 characters.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, '·').slice(0, LONGEST);
}

/** The user's text in a message: quoted, shortened, and with nothing that could drive a terminal. */
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
