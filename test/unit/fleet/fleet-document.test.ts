import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFleetDocument, sortFleetIssues } from '../../../src/fleet/fleet-document.ts';
import { formatIssue } from '../../../src/formats/issues.ts';

const getFaults = (text: string) =>
  sortFleetIssues(parseFleetDocument(text, 'f.yaml').issues).map(formatIssue);

const sound: [string, string][] = [
  ['YAML', 'images:\n  - apn: internet\n'],
  ['JSON, tabs and all', '{\n\t"images": [\n\t\t{"name": "a",\t"apn": "x"}\n\t]\n}\n'],
  ['anchors and merge keys', 'defaults: &d\n  apn: x\nimages:\n  - <<: *d\n    name: a\n'],
  [
    'a country code that is no boolean',
    'images:\n  - {carrier: no/telenor, wifi-ssid: x, wifi-country: NO}\n',
  ],
  ['a byte order mark and Windows line ends', '\ufeffimages:\r\n  - apn: internet\r\n'],
];
for (const [what, text] of sound) {
  test(`${what} is read`, () => {
    const { file, issues } = parseFleetDocument(text, 'f.yaml');
    assert.deepEqual(issues, []);
    assert.equal(file?.images.length, 1);
  });
}

const faulty: [string, string, (string | RegExp)[]][] = [
  ['an empty file', '', ['f.yaml:1:1: the file needs images:, a list of images']],
  ['a list', '- apn: x\n', ['f.yaml:1:1: the file needs images:, a list of images']],
  ['no images', 'defaults: {}\n', [/^f\.yaml:1:1: images needs a list of images/]],
  ['an empty list', 'defaults:\n  dns: none\nimages: []\n', ['f.yaml:3:1: images needs at least one image']],
  [
    'all faults of the syntax at once',
    'defaults:\n  apn: x\n  apn: y\nimages:\n  - {apn: "z}\n',
    ['f.yaml:3:3: Map keys must be unique', /^f\.yaml:6:1: /, /^f\.yaml:6:1: /],
  ],
  [
    'two documents',
    'images:\n  - apn: x\n---\nimages: []\n',
    [/^f\.yaml:3:1: Source contains multiple documents/],
  ],
  ['a tag', 'images:\n  - apn: !env X\n', ['f.yaml:2:10: has a tag (!…) that means nothing here']],
  [
    'all faults of the shape at once, each where it stands',
    [
      'defaults:',
      '  metric: fast',
      '  apnUser: me',
      'images:',
      '  - apn: 1234',
      '    ssh: "yes"',
      '  - carrier: us/metropcs',
      '    dns: [1.1.1.1, 8]',
      '    ndisdup: always',
      '    output: elsewhere',
      '  - name: a/b',
      '    password-env: $X',
      '  - internet',
      'imagse: []',
    ].join('\n'),
    [
      'f.yaml:2:3: metric needs a whole number',
      'f.yaml:3:3: apnUser is not an option of an image; did you mean apn-user?',
      'f.yaml:5:5: apn needs an APN; a number or yes/no stands in quotes',
      'f.yaml:6:5: ssh must be true or false',
      'f.yaml:8:5: dns needs addresses, or "none"',
      'f.yaml:9:5: ndisdup must be one of first-boot, every-boot, off',
      'f.yaml:10:5: output is not an option of an image; give --output to wwanpi fleet',
      'f.yaml:11:5: name needs up to 128 letters, digits, ".", "_" and "-"',
      'f.yaml:12:5: password-env needs the name of an environment variable, such as APN_PASSWORD',
      'f.yaml:13:5: images needs options, such as carrier: us/metropcs',
      'f.yaml:14:1: imagse is not an option of a fleet file; did you mean images?',
    ],
  ],
  [
    'a fault that comes in by an alias',
    'defaults: &d\n  metric: -1\nimages:\n  - *d\n',
    ['f.yaml:2:3: metric needs a whole number from 0 on'],
  ],
  [
    'an alias bomb',
    `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nimages: [*c,*c]\n`,
    ['f.yaml:1:1: the file needs images:, a list of images'],
  ],
];
for (const [what, text, expected] of faulty) {
  test(`${what} is at fault, with its place`, () => {
    const found = getFaults(text);
    assert.equal(found.length, expected.length, found.join('\n'));
    expected.forEach((line, at) => {
      if (typeof line === 'string') assert.equal(found[at], line);
      else assert.match(found[at] ?? '', line);
    });
  });
}

test('no message has a value of the file', () => {
  const secret = 'hunter2';
  const texts = [
    `images:\n  - password: [${secret}]\n`,
    `images:\n  - password: "${secret}\n`,
    `images:\n  - {password: ${secret}, password: ${secret}}\n`,
    `images:\n  - metric: ${secret}\n    ndisdup: ${secret}\n    ssh: ${secret}\n    password-env: ${secret}!\n`,
    `images:\n  - password: !x ${secret}\n`,
    `images:\n\t- password: ${secret}\n`,
  ];
  for (const text of texts) {
    const { issues } = parseFleetDocument(text, 'f.yaml');
    assert.ok(issues.length > 0, text);
    assert.doesNotMatch(JSON.stringify(issues), new RegExp(secret), text);
  }
});

test('a place that is absent is where the nearest thing around it stands', () => {
  const { locate } = parseFleetDocument('defaults:\n  apn: x\nimages:\n  - name: a\n  - name: b\n', 'f.yaml');
  assert.deepEqual(locate(['images', 1, 'apn']), { file: 'f.yaml', line: 5, column: 5 });
  assert.deepEqual(locate(['images', 1, 'name']), { file: 'f.yaml', line: 5, column: 5 });
  assert.deepEqual(locate(['defaults', 'apn']), { file: 'f.yaml', line: 2, column: 3 });
  assert.deepEqual(locate([]), { file: 'f.yaml', line: 1, column: 1 });
});
