import { editCardText } from '../../src/formats/card-settings/card-text.ts';
import { CARD_KEYS, type CardKey } from '../../src/formats/card-settings/keys.ts';
import { SSH_KEY } from './recipes.ts';

const RSA = `ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ${'A'.repeat(136)}`;

/** Values for each key, most of them right. */
const USUAL: Readonly<Record<CardKey, readonly string[]>> = {
  apn: [
    'internet',
    'fast.metropcs.com',
    'a@b',
    'x.mnc001.mcc310.gprs',
    'INTERNET',
    '3',
    'x'.repeat(62),
    '(stored)',
    'a_b',
  ],
  user: ['', 'user', 'web@x.org', '-', 'a'.repeat(127), '(stored)', 'a*b?[c]', '#1'],
  password: ['', 'pass', '(stored)', 'a&b;c|d<e>f(g)', '!~%{}', '='],
  auth: ['', 'none', 'pap', 'chap', 'mschapv2', '(stored)'],
  pin: ['', '1234', '00000000', '(stored)'],
  dns: [
    '',
    'none',
    '9.9.9.9',
    '1.1.1.1,1.0.0.1',
    '8.8.8.8 9.9.9.9\t1.1.1.1',
    '2620:fe::fe ::1',
    '1.1.1.1 1.1.1.1',
    '::ffff:1.2.3.4',
    '(stored)',
  ],
  metric: ['', '0', '100', '007', '2147483647', '000000001', '(stored)'],
  hostname: ['', 'lte-7', 'pi.example.org', 'A', '9', 'x'.repeat(63), '(stored)'],
  'login-user': ['', 'anna', 'pi', 'bob_2', 'x'.repeat(32), '(stored)'],
  'login-password': ['', 'Grüße 7', 'a b', '$6$x', '(stored)', "'", '"\\`$(id)'],
  'ssh-key': ['', SSH_KEY, SSH_KEY.replace(/ test.*/, ''), RSA, `${SSH_KEY} Grüße 'x'`, '(stored)'],
  'wifi-ssid': ['', 'home', 'Café', "It's; $(x)", 'a"b\\c', 'x'.repeat(32), '(stored)', '&'],
  'wifi-password': [
    '',
    '12345678',
    'it\'s a $(secret) \\ "pass" & more',
    'aB'.repeat(32),
    'f'.repeat(63),
    '(stored)',
  ],
  'wifi-country': ['', 'DE', 'us', '(stored)'],
  timezone: ['', 'Europe/Berlin', '(stored)'],
};

/** Values that no key takes, or few. */
const HOSTILE = [
  ...[
    '$(reboot)',
    '`id`',
    "'; reboot; '",
    '"',
    '\\',
    'a\\',
    "a'b",
    'a b',
    'a,b',
    '../../etc/passwd',
    '*',
    '/*',
    '~',
    '!!',
  ],
  ...[
    '\u0000',
    'a\u0001b',
    '\u007f',
    '\u0085',
    '\u2028',
    'ä',
    '😀',
    '\u202e',
    '\ufeff',
    'é\u00e9',
    '\u00a0x',
    '@@APN@@',
    '&',
    '\\&',
  ],
  ...[
    'a..b',
    '.a',
    'a.',
    'rac1',
    'LACx',
    'x.gprs',
    'x.mnc01.mcc310.gprs',
    '-a',
    'a-',
    'A..',
    '=',
    '==',
    'a=b',
    '#',
    '# a',
  ],
  ...[
    '123',
    '123456789',
    '12a4',
    '１２３４',
    '2147483648',
    '99999999999999999999',
    '0x10',
    '-1',
    '1e3',
    ' 1',
    '+1',
  ],
  ...[
    '1.1.1',
    '256.1.1.1',
    '01.1.1.1',
    'fe80::1%eth0',
    ':::',
    '1:2:3:4:5:6:7',
    'none 1.1.1.1',
    '1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4',
    ',',
    'g::',
  ],
  ...[
    'root',
    'video',
    'Anna',
    '1a',
    'a:b',
    'ROOT',
    'x'.repeat(33),
    'CHAP',
    'none none',
    'USA',
    'D',
    'Europe',
    'Europe/Nowhere',
    'Europe/../../etc',
    '/etc',
  ],
  ...[
    'ssh-ed25519',
    'ssh-ed25519 AAAA',
    'ssh-dss AAAAB3NzaC1kc3M=',
    `command="x" ${SSH_KEY}`,
    SSH_KEY.replace('AAAAC3', 'AAAAC2'),
    SSH_KEY.slice(0, 60),
    SSH_KEY.replace(' ', '  '),
    '-----BEGIN PRIVATE KEY-----',
    'ssh-rsa =A==',
    `${RSA}=`,
  ],
  ...[
    'x'.repeat(64),
    'x'.repeat(100),
    'x'.repeat(128),
    'ü'.repeat(17),
    'ä'.repeat(65),
    'x'.repeat(300),
    'x'.repeat(3000),
    '(Stored)',
    '(stored) ',
    '()',
    '1234567',
    '12345678\u0000',
  ],
];

const NOISE = [
  '',
  '# a comment',
  '#apn=x',
  '   ',
  '\t#',
  '# Gr\u00fc\u00dfe',
  'nonsense',
  'colour=red',
  '=x',
  '[apn]',
  'apn',
  'a b=c',
  '$(x)=y',
  'APN\u0000=x',
  'apn\u00e9=x',
  ']=',
  '@=1',
  '__proto__=x',
  'constructor=x',
];

/** A wwanpi.txt that a person, an editor or an enemy may leave on the card. */
export function makeCase(below: (limit: number) => number, built: Uint8Array): Uint8Array {
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  const value = (key: CardKey) => (below(12) === 0 ? pick(HOSTILE) : pick(USUAL[key]));
  const keys = CARD_KEYS.map(({ key }) => key);
  if (below(3) === 0) {
    const changes = new Map<CardKey, string>();
    for (let left = 1 + below(4); left > 0; left -= 1) {
      const key = pick(keys);
      changes.set(key, value(key));
    }
    return spoil(below, editCardText(built, changes));
  }
  const lines: string[] = [];
  const some = below(4) === 0 ? keys : keys.filter(() => below(5) === 0);
  for (const key of some) {
    if (below(10) === 0) lines.push(below(4) === 0 ? pick(NOISE) : pick(NOISE.slice(0, 6)));
    const name = pick([key, key, key, key.toUpperCase(), ` ${key}`, `${key} `, `\t${key}\t`]);
    lines.push(`${name}=${pick(['', '', ' ', '\t'])}${value(key)}${pick(['', '', ' ', ' \t '])}`);
    if (below(60) === 0) lines.push(`${key}=x`);
  }
  const end = pick(['\r\n', '\n', '\n', '\r']);
  const blanks = below(3) === 0 ? `${' '.repeat(below(200))}${end}`.repeat(below(3)) : '';
  const text = `${below(8) === 0 ? '\ufeff' : ''}${lines.join(end)}${below(4) === 0 ? '' : end}${blanks}`;
  return spoil(below, new TextEncoder().encode(text));
}

/** Now and then, bytes that no editor writes. */
function spoil(below: (limit: number) => number, bytes: Uint8Array): Uint8Array {
  const spoilt = Uint8Array.from(bytes);
  switch (below(30)) {
    case 0:
      for (let left = 1 + below(3); left > 0 && spoilt.length > 0; left -= 1)
        spoilt[below(spoilt.length)] = below(256);
      return spoilt;
    case 1:
      return spoilt.subarray(0, below(spoilt.length + 1));
    case 2:
      return below(4) === 0
        ? Uint8Array.from([0xff, 0xfe, ...spoilt])
        : Uint8Array.from([...spoilt, 0xe9, 0x0a]);
    case 3:
      return below(4) === 0
        ? Uint8Array.from([...spoilt, ...new Uint8Array(16_384 - spoilt.length + below(3)).fill(0x20)])
        : spoilt;
    default:
      return spoilt;
  }
}
