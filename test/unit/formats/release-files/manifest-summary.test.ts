import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifestSummary } from '../../../../src/formats/release-files/manifest-summary.ts';
import { formatManifest } from '../../../../src/release/manifest.ts';

const text = formatManifest({
  wwanpiVersion: '1.0.0',
  image: { file: 'gb-ee.img', sizeBytes: 713_031_680, sha256: 'ab'.repeat(32) },
  os: { id: 'debian', codename: 'bookworm', prettyName: 'Debian GNU/Linux 12 (bookworm)' },
  inputs: [],
  options: {
    apn: 'everywhere',
    apnPassword: '(secret)',
    base: 'debian-bookworm',
    carrier: 'gb/ee',
    hostname: 'pi',
  },
  tools: [],
  packages: [],
  sourceDateEpoch: 1_783_764_997,
  changes: [],
});

test('a manifest as wwanpi writes it gives what a catalogue tells', () => {
  assert.deepEqual(parseManifestSummary(text), {
    image: { file: 'gb-ee.img', sizeBytes: 713_031_680 },
    system: 'Debian GNU/Linux 12 (bookworm)',
    sourceDateEpoch: 1_783_764_997,
    apn: 'everywhere',
    base: 'debian-bookworm',
    carrier: 'gb/ee',
    hostname: 'pi',
    architecture: 'armhf',
    login: { user: undefined, hasKey: false, hasPassword: false },
    release: { id: 'debian', codename: 'bookworm' },
  });
});

const none: [string, string][] = [
  ['no JSON', text.slice(0, 50)],
  ['another thing', '[]'],
  ['another format', text.replace('"format": 1', '"format": 2')],
  ['a time no Date can hold', text.replace('1783764997', '8640000000001')],
  ['a time before 1970', text.replace('1783764997', '-1')],
  ['no APN', text.replace('"apn"', '"spn"')],
];
for (const [what, broken] of none) {
  test(`a text that is ${what} is not a manifest`, () =>
    assert.equal(parseManifestSummary(broken), undefined));
}
