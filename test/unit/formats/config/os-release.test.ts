import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOsRelease } from '../../../../src/formats/config/os-release.ts';

test('Stretch, which has no VERSION_CODENAME', () => {
  const text =
    'PRETTY_NAME="Raspbian GNU/Linux 9 (stretch)"\nNAME="Raspbian GNU/Linux"\nVERSION="9 (stretch)"\nID=raspbian\nID_LIKE=debian\n';
  assert.deepEqual(parseOsRelease(text), {
    id: 'raspbian',
    codename: 'stretch',
    prettyName: 'Raspbian GNU/Linux 9 (stretch)',
  });
});

test('bookworm, comments and single quotes', () => {
  const text = '# a comment\nID=\'debian\'\nVERSION_CODENAME=bookworm\nVERSION="12 (other)"\n';
  assert.deepEqual(parseOsRelease(text), {
    id: 'debian',
    codename: 'bookworm',
    prettyName: 'debian bookworm',
  });
});

for (const [text, message] of [
  ['', /has no ID/],
  ['ID=\n', /has no ID/],
  ['ID=arch\n', /names no release \(ID=arch\)/],
] as const) {
  test(`refused: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseOsRelease(text), { name: 'InputError', message });
  });
}
