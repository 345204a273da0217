/** Someone else's words on one line of a terminal: no control characters, and no more than 500 characters. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').slice(0, 500);
}
