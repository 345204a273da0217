import { toByteString, toCharacters, UTF_8_RULE } from '../config/rule.ts';
import { type CardValues, checkCardSettings, findValueFaults } from './check.ts';
import { CARD_KEYS, type CardKey, type CardKeyEntry, isCardKey, STORED } from './keys.ts';

/** The size of wwanpi.txt as built. It ends in lines of blanks, so that an edit in place needs no other size. */
export const CARD_TEXT_BYTES = 8192;

/** A larger file is refused: bash on a Pi would need long for it. */
export const MAX_CARD_TEXT_BYTES = 16_384;

/** Something wrong in wwanpi.txt. It never has a value. */
export interface CardFault {
  /** From 1 on; undefined for a key that the file does not have. */
  readonly line?: number | undefined;
  readonly key?: CardKey | undefined;
  /** With a key, a sentence without its subject: "holds a space". */
  readonly fault: string;
}

/** What wwanpi.txt says. */
export interface CardText {
  /** The values without faults of form; a key that the file does not have is missing. */
  readonly values: CardValues;
  /** The line of each key, from 1 on. */
  readonly lines: ReadonlyMap<CardKey, number>;
  readonly faults: readonly CardFault[];
}

const HEAD = [
  'wwanpi.txt: the settings of this Raspberry Pi.',
  '',
  'Change what stands after a "=", save the file, and start the Pi with the card:',
  'it reads the file each time it starts. If a value is not valid, all stay as they',
  'were, and wwanpi-status.txt beside this file says what is wrong.',
  'Nothing after the "=": none. (stored): the value that the Pi has; it takes a secret',
  'out of this file once it has read it.',
];
const BLANK_LINE = `${' '.repeat(76)}\r\n`;

/**
 * wwanpi.txt for an image: an explanation above each key, CRLF line ends, 8192 bytes. Secrets, and values that no line
 * can hold, are `(stored)`; a key without a value is empty.
 */
export function formatCardText(values: CardValues): Uint8Array {
  const settings = CARD_KEYS.flatMap((entry: CardKeyEntry & { key: CardKey }) => [
    ...(entry.explanation.length > 0 ? ['', ...entry.explanation.map((text) => `# ${text}`)] : []),
    `${entry.key}=${formatValue(entry, values.get(entry.key) ?? '')}`,
  ]);
  const lines = [...HEAD.map((text) => `# ${text}`.trimEnd()), ...settings];
  return toBytes(pad(toByteString(lines.join('\r\n')), '\r\n', CARD_TEXT_BYTES));
}

function formatValue(entry: CardKeyEntry, value: string): string {
  if (value === '') return '';
  const isWritable = value === trim(value) && findValueFaults(entry, value).length === 0;
  return entry.secret || !isWritable ? STORED : value;
}

/**
 * Reads wwanpi.txt as the Pi does, whatever editor saved it: with a byte order mark, with CRLF, LF or CR, blanks at line
 * ends, no end of the last line, keys in capitals. Only the form is checked; `readCardText` checks the values, too.
 */
export function parseCardText(bytes: Uint8Array): CardText {
  const text = toCharacters(bytes);
  const broken = findBrokenFile(text);
  if (broken !== undefined) return { values: new Map(), lines: new Map(), faults: [broken] };
  const values = new Map<CardKey, string>();
  const lines = new Map<CardKey, number>();
  const faults: CardFault[] = [];
  for (const [index, { text: raw }] of splitLines(text.replace(/^\xef\xbb\xbf/, '')).entries()) {
    const line = index + 1;
    const content = trim(raw);
    if (content === '' || content.startsWith('#')) continue;
    const key = readKey(content);
    const value = trim(content.slice(content.indexOf('=') + 1));
    const first = key === undefined ? undefined : lines.get(key);
    if (!content.includes('=')) faults.push({ line, fault: 'is not key=value; begin a comment with #' });
    else if (key === undefined) faults.push({ line, fault: 'has an unknown key' });
    else if (first !== undefined)
      faults.push({ line, key, fault: `is in line ${first}, too; keep one of them` });
    else {
      lines.set(key, line);
      const bad = new RegExp(UTF_8_RULE.pattern).test(value) ? undefined : UTF_8_RULE.fault;
      if (bad === undefined)
        values.set(key, new TextDecoder('utf-8', { ignoreBOM: true }).decode(toBytes(value)));
      else faults.push({ line, key, fault: bad });
    }
  }
  return { values, lines, faults };
}

/**
 * Reads wwanpi.txt and checks all of it.
 * @param current the values that the Pi has, as far as they are known
 */
export function readCardText(bytes: Uint8Array, current: CardValues = new Map()): CardText {
  const read = parseCardText(bytes);
  const found =
    read.faults.length > 0
      ? CARD_KEYS.flatMap((entry) =>
          findValueFaults(entry, read.values.get(entry.key)).map((fault) => ({ key: entry.key, fault })),
        )
      : checkCardSettings(read.values, current);
  const faults = found.map(({ key, fault }): CardFault => ({ line: read.lines.get(key), key, fault }));
  return { ...read, faults: [...read.faults, ...faults] };
}

/** A fault for a person: `line 12: apn: holds a space`. */
export function formatCardFault({ line, key, fault }: CardFault): string {
  const where = line === undefined ? '' : `line ${line}: `;
  return `${where}${key === undefined ? '' : `${key}: `}${fault}`;
}

/** The changes that are none yet: a value that stands in the file already is left out. No value is an empty one. */
export function findNewValues(before: CardValues, changes: CardValues): CardValues {
  return new Map([...changes].filter(([key, value]) => (before.get(key) ?? '') !== value));
}

/**
 * wwanpi.txt with other values; comments, order and line ends stay. A key that is not there comes after the last line. The
 * size stays, too: room is taken from the blanks at the end, and given to them. Without enough of them the file grows.
 * @param changes must be valid values, or `(stored)`; without any the file stays as it is
 */
export function editCardText(bytes: Uint8Array, changes: CardValues): Uint8Array {
  if (changes.size === 0) return bytes;
  const text = toCharacters(bytes);
  const lines = splitLines(text);
  const end = lines[0]?.end || '\r\n';
  const seen = new Set<CardKey>();
  const edited = lines.map(({ text: raw, end: lineEnd }, index) => {
    const mark = index === 0 && raw.startsWith('\xef\xbb\xbf') ? raw.slice(0, 3) : '';
    const key = readKey(trim(raw.slice(mark.length)));
    const value = key === undefined || seen.has(key) ? undefined : changes.get(key);
    if (key === undefined || value === undefined) return `${raw}${lineEnd}`;
    seen.add(key);
    return `${mark}${key}=${toByteString(value)}${lineEnd}`;
  });
  const missing = [...changes].filter(([key]) => !seen.has(key));
  const body = [trimEnd(edited.join('')), ...missing.map(([key, value]) => `${key}=${toByteString(value)}`)];
  return toBytes(pad(body.filter((part) => part !== '').join(end), end, bytes.length));
}

/** A line's key; undefined for a comment, and where there is none or an unknown one. */
function readKey(line: string): CardKey | undefined {
  if (line.startsWith('#') || !line.includes('=')) return undefined;
  const key = trim(line.slice(0, line.indexOf('='))).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  return isCardKey(key) ? key : undefined;
}

function findBrokenFile(text: string): CardFault | undefined {
  if (text.length > MAX_CARD_TEXT_BYTES) {
    return { fault: `the file is larger than ${MAX_CARD_TEXT_BYTES} bytes` };
  }
  if (/^(\xff\xfe|\xfe\xff)/.test(text)) return { line: 1, fault: 'the file is in UTF-16; save it as UTF-8' };
  const zero = text.indexOf('\0');
  if (zero < 0) return undefined;
  const line = text.slice(0, zero).split(/\r\n|\n|\r/).length;
  return { line, fault: 'holds a zero byte; save the file as plain text in UTF-8' };
}

/** The lines with their ends: CRLF, LF or CR. At least one. */
function splitLines(text: string): { readonly text: string; readonly end: string }[] {
  return [...text.matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g)]
    .map(([, line = '', end = '']) => ({ text: line, end }))
    .filter(({ text: line, end }, index) => index === 0 || line !== '' || end !== '');
}

/** A text followed by lines of blanks up to a size; a text that is longer keeps its own. */
function pad(text: string, end: string, size: number): string {
  const body = text === '' ? '' : `${text}${end}`;
  let room = Math.max(0, size - body.length);
  const full = BLANK_LINE.repeat(Math.floor(room / BLANK_LINE.length));
  room %= BLANK_LINE.length;
  return `${body}${full}${' '.repeat(Math.max(room < 2 ? room : 0, room - 2))}${room < 2 ? '' : '\r\n'}`;
}

function trim(text: string): string {
  return text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '');
}

function trimEnd(text: string): string {
  return text.replace(/[ \t\r\n]+$/, '');
}

function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
