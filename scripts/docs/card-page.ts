import {
  CARD_TEXT_BYTES,
  formatCardText,
  MAX_CARD_TEXT_BYTES,
} from '../../src/formats/card-settings/card-text.ts';
import { CARD_KEYS, type CardKey } from '../../src/formats/card-settings/keys.ts';
import { DEFAULT_METRIC, DEFAULT_METRICS } from '../../src/formats/config/metric.ts';
import { formatCode, formatTable, formatText, type GeneratedPage } from './markdown.ts';

/** docs/reference/wwanpi-txt.md: the settings on the card, and how the file is read. */
export function makeCardPage(): GeneratedPage {
  const example = new TextDecoder().decode(
    formatCardText(
      new Map([
        ['apn', 'internet'],
        ['dns', '1.1.1.1 1.0.0.1'],
        ['metric', String(DEFAULT_METRIC)],
      ]),
    ),
  );
  const text = [
    '# wwanpi.txt',
    '',
    'Settings of a finished image in a text file on its FAT partition, which Windows, macOS, Linux and phones can open. The Pi reads the file at every',
    'start, before it dials. [Change the APN on any PC](../tutorial/change-the-apn.md) shows it once.',
    '',
    '## Keys',
    '',
    formatTable(
      ['key', 'option of `wwanpi build`', 'secret', 'longest, in bytes', 'empty means'],
      CARD_KEYS.map(({ key, option, secret, maxBytes }) => [
        formatCode(key),
        formatCode(`--${option}`),
        secret ? 'yes' : '',
        String(maxBytes),
        EMPTY[key] ?? 'none',
      ]),
    ),
    'The rules of each value are those of the option: a value that `wwanpi build` refuses, the Pi refuses, too.',
    '',
    '## How the file is read',
    '',
    '- One `key=value` a line, in any order. `#` begins a comment line.',
    '- Accepted as well: a byte order mark, CRLF, LF or CR at line ends, a last line without an end, blanks around key and value, keys in capitals.',
    `- The file is text in UTF-8 of at most ${MAX_CARD_TEXT_BYTES} bytes.`,
    '- A key that is left out stays as it is. `(stored)` means the same, for every key.',
    '- A fault is: a key twice, an unknown key, a line without `=`, a value against its rules, or values that do not go together. **One fault, and nothing',
    '  of the file counts**: all settings stay as they were.',
    '- `wwanpi.txt.txt` is read if `wwanpi.txt` is missing or unchanged, since Windows hides the second `.txt`. If both were edited, `wwanpi.txt` counts.',
    '- `ssh-key` is one key. An image built with several shows `(stored)`; a key in its place replaces all of them. The first key of an image turns SSH on.',
    '- A new `wifi-ssid` needs its `wifi-password` again.',
    '- `login-user` renames the user of before, with home, groups and sudo rule, as `--user` does. Who is missing in the system is not made.',
    '',
    '## What happens to it',
    '',
    '| the file is | the Pi does |',
    '|---|---|',
    '| as the Pi saw it last | nothing, in a few hundredths of a second |',
    '| edited, with a fault | nothing; the journal of `wwanpi-card-settings` has the line and the reason of each fault |',
    '| edited | writes the files that have the value, whole; forgets that the modem has accepted the old APN, or that the PIN was wrong; dials with the new values in the same start |',
    '',
    `Secrets then stand as \`(stored)\`; the Pi keeps them in files of root's. The file is only written in place: it has ${CARD_TEXT_BYTES} bytes, most of them blanks at`,
    'its end, to take room from. A power cut during the change leaves the old or the new settings: [how](../explanation/architecture.md#wwanpitxt-on-the-pi).',
    '',
    '## As built',
    '',
    '```ini',
    example.replaceAll('\r', '').trimEnd(),
    '```',
  ].join('\n');
  return { path: 'reference/wwanpi-txt.md', from: ['src/formats/card-settings/keys.ts'], text };
}

const AS_IT_IS = 'as it is';
/** What an empty value means, where it is not "none". */
const EMPTY: Readonly<Partial<Record<CardKey, string>>> = {
  apn: 'a fault',
  auth: formatText('chap, if there is a user'),
  dns: "only the carrier's",
  metric: DEFAULT_METRICS,
  hostname: AS_IT_IS,
  'login-user': AS_IT_IS,
  'login-password': AS_IT_IS,
  'wifi-password': 'an open network',
  timezone: AS_IT_IS,
};
