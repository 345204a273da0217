/** Where the readers of a recipe put what they find. */
export interface Notes {
  fault(text: string): void;
  warn(text: string): void;
}

/** The user's text in a message: quoted, shortened, and with nothing that could drive a terminal. */
export function show(text: string): string {
  const plain = text.replaceAll(/[^\x20-\x7e]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
  return `"${plain.length > 80 ? `${plain.slice(0, 80)}…` : plain}"`;
}
