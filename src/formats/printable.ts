/** A text of foreign origin (a label, a mount point) as it can go to a terminal: control characters as dots. */
export function printable(text: string): string {
  return text.replaceAll(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, '·');
}
