import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { checkEntries, listEntries, parseShard, takeShard } from '../../../src/fleet/entries.ts';
import { parseFleetDocument } from '../../../src/fleet/fleet-document.ts';
import type { FleetFile, FleetOptions } from '../../../src/fleet/fleet-schema.ts';
import { formatMatrix } from '../../../src/fleet/format-matrix.ts';
import { formatIssue } from '../../../src/formats/issues.ts';

const entryOf = (defaults: FleetOptions, image: FleetFile['images'][number]) => {
  const [entry] = listEntries({ defaults, images: [image] });
  assert.ok(entry !== undefined);
  return entry;
};

const merged: [string, FleetOptions, FleetFile['images'][number], object, object][] = [
  ['its own option wins', { apn: 'a', metric: 1 }, { name: 'x', metric: 2 }, { apn: 'a', metric: 2 }, {}],
  [
    "its carrier wins over the defaults' APN and credentials",
    { apn: 'a', 'apn-user': 'u', 'apn-password-env': 'P', 'apn-auth': 'pap' },
    { name: 'x', carrier: 'us/metropcs' },
    { carrier: 'us/metropcs' },
    {},
  ],
  [
    "its APN wins over the defaults' carrier",
    { carrier: 'us/metropcs' },
    { name: 'x', apn: 'a' },
    { apn: 'a' },
    {},
  ],
  [
    'its own carrier and APN stay together',
    {},
    { name: 'x', carrier: 'us/t-mobile', apn: 'epc.tmobile.com' },
    { carrier: 'us/t-mobile', apn: 'epc.tmobile.com' },
    {},
  ],
  [
    'its variable wins over a default value',
    { apn: 'a', password: 'p', 'wifi-psk': 'w' },
    { name: 'x', 'password-env': 'P', 'wifi-psk-env': 'W' },
    { apn: 'a' },
    { password: 'P', wifiPsk: 'W' },
  ],
  [
    'its value wins over a default variable, its hash over a password',
    { apn: 'a', 'password-env': 'P', 'wifi-psk-env': 'W' },
    { name: 'x', 'password-hash': '$6$a$b', 'wifi-psk': 'w' },
    { apn: 'a', passwordHash: '$6$a$b', wifiPsk: 'w' },
    {},
  ],
  [
    'one address or key is a list',
    { apn: 'a', dns: 'none' },
    { name: 'x', 'ssh-key': 'k.pub' },
    { apn: 'a', dns: ['none'], sshKey: ['k.pub'] },
    {},
  ],
];
for (const [what, defaults, image, options, variables] of merged) {
  test(`an image: ${what}`, () => {
    const entry = entryOf(defaults, image);
    assert.deepEqual(entry.options, { name: 'x', ...options });
    assert.deepEqual(entry.variables, variables);
  });
}

const names: [FleetFile['images'][number], string, string][] = [
  [{ carrier: 'us/metropcs' }, 'us-metropcs', 'pi-us-metropcs'],
  [
    { carrier: 'us/t-mobile/epc.tmobile.com' },
    'us-t-mobile-epc.tmobile.com',
    'pi-us-t-mobile-epc-tmobile-com',
  ],
  [{ apn: 'fast.metropcs.com' }, 'fast.metropcs.com', 'pi-fast-metropcs-com'],
  [{ name: 'Lab_7', apn: 'x' }, 'Lab_7', 'pi-lab-7'],
];
for (const [image, name, hostname] of names) {
  test(`an image of ${JSON.stringify(image)} is ${name}, its host ${hostname}`, () => {
    const entry = entryOf({ hostname: 'pi-{name}' }, image);
    assert.equal(entry.name, name);
    assert.equal(entry.options.hostname, hostname);
  });
}

test('names that are missing or taken and options given twice are at fault, where they stand', () => {
  const text = [
    'defaults: {wifi-psk: a, wifi-psk-env: B}',
    'images:',
    '  - {name: a, apn: x}',
    '  - {name: A, apn: y}',
    '  - metric: 3',
    '  - {apn: z, password: p,',
    '     password-env: P}',
  ].join('\n');
  const { file, locate } = parseFleetDocument(text, 'f.yaml');
  assert.ok(file !== undefined);
  assert.deepEqual(checkEntries(file, listEntries(file), locate).map(formatIssue), [
    'f.yaml:4:6: name "A" is already the name of image 1; give each image its own',
    'f.yaml:5:5: an image needs a carrier, an apn or a name',
    'f.yaml:1:25: wifi-psk-env and wifi-psk are both given; give one of them',
    'f.yaml:7:6: password-env and password are both given; give one of them',
  ]);
});

const shards: [string, object | undefined][] = [
  ['2/5', { index: 2, count: 5 }],
  ['1/1', { index: 1, count: 1 }],
  ['6/5', undefined],
  ['0/5', undefined],
  ['2', undefined],
  ['2/5x', undefined],
  ['-1/5', undefined],
  ['1/0', undefined],
];
for (const [text, expected] of shards) {
  test(`the shard ${text}`, () => assert.deepEqual(parseShard(text), expected));
}

test('every entry is in exactly one shard, sizes differ by one, and order and bases are kept together', () => {
  const bases = fc.array(fc.constantFrom('a', 'b', undefined), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(bases, fc.integer({ min: 1, max: 70 }), (list, count) => {
      const entries = list.map((base, index) => ({ index, options: base === undefined ? {} : { base } }));
      const parts = Array.from({ length: count }, (_, at) => takeShard(entries, { index: at + 1, count }));
      const all = parts.flat().map((entry) => entry.index);
      assert.deepEqual(
        all.toSorted((a, b) => a - b),
        entries.map((entry) => entry.index),
      );
      const sizes = parts.map((part) => part.length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      for (const part of parts) {
        assert.deepEqual(
          part,
          part.toSorted((a, b) => a.index - b.index),
        );
      }
      const kinds = new Set(list.map(String)).size;
      const basesIn = parts.reduce(
        (sum, part) => sum + new Set(part.map((e) => String(e.options.base))).size,
        0,
      );
      assert.ok(basesIn <= parts.filter((part) => part.length > 0).length + kinds - 1);
    }),
  );
});

const fleet = listEntries({ images: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, apn: 'x' })) });

test('a matrix for GitHub is one line of JSON with shards and names', () => {
  const text = formatMatrix('github', fleet, 2);
  assert.doesNotMatch(text.trimEnd(), /\n/);
  assert.deepEqual(JSON.parse(text), {
    include: [
      { shard: '1/2', names: 'a b' },
      { shard: '2/2', names: 'c d e' },
    ],
  });
  assert.equal(JSON.parse(formatMatrix('github', fleet, 99)).include.length, 5);
});

test('a matrix for GitLab is YAML to include', () => {
  assert.deepEqual(parse(formatMatrix('gitlab', fleet, 2)), {
    '.wwanpi-fleet': { parallel: { matrix: [{ SHARD: ['1/2'] }, { SHARD: ['2/2'] }] } },
  });
});
