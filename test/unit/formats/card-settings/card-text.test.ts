import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CARD_TEXT_BYTES,
  editCardText,
  formatCardFault,
  formatCardText,
  parseCardText,
  readCardText,
} from '../../../../src/formats/card-settings/card-text.ts';
import { CARD_KEYS, type CardKey } from '../../../../src/formats/card-settings/keys.ts';
import { listOptions } from '../../../../src/options/options.ts';

const values = new Map<CardKey, string>([
  ['apn', 'fast.metropcs.com'],
  ['user', 'anna'],
  ['password', 'secret-7'],
  ['auth', 'pap'],
  ['dns', '9.9.9.9 2620:fe::fe'],
  ['wifi-ssid', 'Café 4'],
  ['wifi-country', 'DE'],
]);
const built = formatCardText(values);
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const faults = (data: Uint8Array) => readCardText(data).faults.map(formatCardFault);

test('every key stands for an option of wwanpi build, and is a secret where that is one', () => {
  const options = listOptions('build');
  for (const { key, option, secret } of CARD_KEYS) {
    const found = options.find(({ name }) => name === option);
    assert.ok(found !== undefined, key);
    assert.equal(secret, found.secret === true, key);
  }
});

test('an image has 8192 bytes in CRLF with each key explained, and no secret', () => {
  assert.equal(built.length, CARD_TEXT_BYTES);
  assert.doesNotMatch(text(built), /[^\r]\n|secret-7/);
  assert.match(text(built), /\r\n# The access point name[^\n]*\r\napn=fast\.metropcs\.com\r\n/);
  assert.match(text(built), /\r\npassword=\(stored\)\r\n/);
  for (const line of text(built).split('\r\n')) assert.ok(line.length <= 90, line);
});

test('what was written is read again, and is valid', () => {
  const read = readCardText(built);
  assert.deepEqual(read.faults, []);
  for (const { key } of CARD_KEYS) {
    assert.equal(read.values.get(key), key === 'password' ? '(stored)' : (values.get(key) ?? ''), key);
  }
});

test('values that no line can hold are stored', () => {
  for (const ssid of [' x', 'a\nb', 'x\t']) {
    const read = parseCardText(formatCardText(new Map([['wifi-ssid', ssid]])));
    assert.equal(read.values.get('wifi-ssid'), '(stored)');
  }
});

for (const [editor, edited] of [
  ['Notepad with a byte order mark', '\ufeffapn=new.apn\r\nuser=\r\n'],
  ['nano', 'apn=new.apn\nuser=\n'],
  ['an old Mac', 'apn=new.apn\ruser=\r'],
  ['one that ends no last line', 'apn=new.apn\nuser='],
  ['one that leaves blanks', '  apn = new.apn \t\r\n\tuser=  \r\n'],
  ['a phone', '# mine\nAPN=new.apn\nUser=\n'],
] as const) {
  test(`a file from ${editor} is read`, () => {
    const read = readCardText(bytes(edited));
    assert.deepEqual(read.faults, []);
    assert.deepEqual(
      [...read.values],
      [
        ['apn', 'new.apn'],
        ['user', ''],
      ],
    );
  });
}

for (const [given, expected] of [
  [
    'apn=a b\n',
    ['line 1: apn: holds a character that no APN has; an APN has only letters, digits, hyphens and dots'],
  ],
  ['#\napn=\n', ['line 2: apn: is empty; the Pi cannot dial without one']],
  ['apn=x\nAPN=y\n', ['line 2: apn: is in line 1, too; keep one of them']],
  ['apn\n', ['line 1: is not key=value; begin a comment with #']],
  ['colour=red\n', ['line 1: has an unknown key']],
  ['apn=x\n\0', ['line 2: holds a zero byte; save the file as plain text in UTF-8']],
  ['password=x', ['line 1: password: is given without user; give both, or none']],
  ['auth=pap', ['line 1: auth: is given without user; give both, or none']],
  ['wifi-ssid=x', ['line 1: wifi-ssid: needs wifi-country: the radio stays blocked without it']],
  ['wifi-country=DE', ['line 1: wifi-country: is given without wifi-ssid; name the network too']],
  [
    'dns=1.1.1.1, 1.1.1.1 ::1 2.2.2.2 3.3.3.3',
    ['line 1: dns: has more than 3 addresses, and glibc reads no more of resolv.conf'],
  ],
  ['dns=none 1.1.1.1', ['line 1: dns: is "none" together with addresses']],
  [
    'dns=fe80::1%eth0',
    ['line 1: dns: is not an IPv4 or IPv6 address; give addresses such as 9.9.9.9, or "none"'],
  ],
  ['metric=2147483648', ['line 1: metric: is not a whole number from 0 to 2147483647']],
  ['metric=2147483647', []],
  [`user=${'x'.repeat(128)}`, ['line 1: user: is longer than 127 bytes']],
  ['user=$(reboot)', ['line 1: user: holds a backslash or dollar sign']],
  ['user=a\\b', ['line 1: user: holds a backslash or dollar sign']],
  [
    'login-password=a\u0085b',
    ['line 1: login-password: holds a control character, which cannot be typed at a login'],
  ],
  ['wifi-ssid=a\u2028b\nwifi-country=de', ['line 1: wifi-ssid: holds a control character']],
  ['user=(stored)\npassword=(stored)', []],
] as const) {
  test(`${JSON.stringify(given)}: ${expected[0] ?? 'is valid'}`, () =>
    assert.deepEqual(faults(bytes(given)), expected));
}

test('a file in another encoding, or too large, is refused', () => {
  assert.deepEqual(faults(Uint8Array.of(0xff, 0xfe, 0x61, 0)), [
    'line 1: the file is in UTF-16; save it as UTF-8',
  ]);
  assert.deepEqual(faults(Uint8Array.from([...bytes('wifi-ssid=Caf'), 0xe9])), [
    'line 1: wifi-ssid: is not in UTF-8; save the file as UTF-8',
  ]);
  assert.deepEqual(faults(new Uint8Array(20_000).fill(0x20)), ['the file is larger than 16384 bytes']);
});

test('an edit keeps comments, order and size', () => {
  const edited = editCardText(
    built,
    new Map([
      ['apn', 'a.much.longer.apn.than.before'],
      ['wifi-ssid', 'Ö'],
    ]),
  );
  assert.equal(edited.length, built.length);
  const expected = text(built)
    .replace('apn=fast.metropcs.com', 'apn=a.much.longer.apn.than.before')
    .replace('Café 4', 'Ö')
    .trimEnd();
  assert.equal(text(edited).trimEnd(), expected);
  assert.match(text(edited), /US\.\r\nwifi-ssid=Ö\r\n/);
  assert.deepEqual(
    text(
      editCardText(
        edited,
        new Map([
          ['apn', 'fast.metropcs.com'],
          ['wifi-ssid', 'Café 4'],
        ]),
      ),
    ),
    text(built),
  );
});

test('an edit of a file by hand keeps its line ends and mark, and grows only without blanks', () => {
  const secret = new Map<CardKey, string>([['password', '(stored)']]);
  assert.equal(
    text(editCardText(bytes('\ufeffPassword = x\nuser=y\n'), secret)),
    'password=(stored)\nuser=y\n',
  );
  const roomy = `user=y\npassword=x${' '.repeat(40)}\n\n`;
  const edited = text(editCardText(bytes(roomy), secret));
  assert.equal(edited.length, roomy.length);
  assert.equal(edited.trimEnd(), 'user=y\npassword=(stored)');
  assert.equal(text(editCardText(bytes('user=y'), new Map([['apn', 'z']]))), 'user=y\r\napn=z\r\n');
  assert.equal(text(editCardText(bytes('user=y'), new Map())), 'user=y');
});
