/**
 * A condition on a value as data: TypeScript checks it here, the page in the browser does the same, and
 * /usr/lib/wwanpi/card-settings checks it on the Pi. A pattern looks at bytes (`toByteString`), and has only what means
 * the same to JavaScript and to a POSIX extended regular expression in the C locale: no `\d`, `(?:`, backslash in
 * brackets, nor a range of bytes from 0x80 on.
 */
export interface Rule {
  readonly pattern: string;
  /** The pattern matches what is refused; otherwise it matches what is right. */
  readonly refuses?: true;
  /** Where this pattern matches, the rule says nothing. */
  readonly unless?: string;
  /** A sentence without its subject: "holds a space". */
  readonly fault: string;
}

/** The faults of a value, in the order of the rules. */
export function findFaults(value: string, rules: readonly Rule[]): string[] {
  const bytes = toByteString(value);
  const matches = (pattern: string) => new RegExp(pattern).test(bytes);
  return rules
    .filter(({ pattern, refuses = false, unless }) => {
      const isExempt = unless !== undefined && matches(unless);
      return !isExempt && matches(pattern) === refuses;
    })
    .map(({ fault }) => fault);
}

/** A text as its bytes in UTF-8, one character for each. */
export function toByteString(text: string): string {
  return toCharacters(new TextEncoder().encode(text));
}

/** Each byte as one character. */
export function toCharacters(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A bracket expression of the bytes from `first` to `last`, each named: a range has no meaning above 0x7f. */
function bytes(first: number, last: number): string {
  const all = Array.from({ length: last - first + 1 }, (_, index) => String.fromCharCode(first + index));
  return `[${all.join('')}]`;
}

const LATER = bytes(0x80, 0xbf);

/** Whole characters of UTF-8 (The Unicode Standard, table 3-7). Text that TypeScript holds has no others; bash's may. */
export const UTF_8_RULE: Rule = {
  pattern:
    '^(' +
    [
      '[\x01-\x7f]',
      `${bytes(0xc2, 0xdf)}${LATER}`,
      `\xe0${bytes(0xa0, 0xbf)}${LATER}`,
      `[${bytes(0xe1, 0xec).slice(1, -1)}\xee\xef]${LATER}${LATER}`,
      `\xed${bytes(0x80, 0x9f)}${LATER}`,
      `\xf0${bytes(0x90, 0xbf)}${LATER}${LATER}`,
      `${bytes(0xf1, 0xf3)}${LATER}${LATER}${LATER}`,
      `\xf4${bytes(0x80, 0x8f)}${LATER}${LATER}`,
    ].join('|') +
    ')*$',
  fault: 'is not in UTF-8; save the file as UTF-8',
};

/** Text on one line that cannot control a terminal: no C0 and C1 controls, no line and paragraph separators. */
export const TEXT_RULES: readonly Rule[] = [
  {
    pattern: `[\x01-\x1f\x7f]|\xc2${bytes(0x80, 0x9f)}|\xe2\x80[\xa8\xa9]`,
    refuses: true,
    fault: 'holds a control character',
  },
];

/** Text of printable ASCII. */
export const ASCII_RULE: Rule = { pattern: '^[ -~]*$', fault: 'holds a control or non-ASCII character' };
