import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseParagraph } from '../../../../src/formats/debian/deb822.ts';
import { findUnmet } from '../../../../src/formats/debian/find-unmet.ts';
import { isMet, listDepends } from '../../../../src/formats/debian/relations.ts';

const STATUS = `Package: libc6
Status: install ok installed
Version: 2.24
Provides: libc6-2.24, mta (= 3)

Package: gone
Status: deinstall ok config-files
Version: 1
`;

test('alternatives of Pre-Depends and Depends, folded lines and empty entries included', () => {
  const paragraph = parseParagraph('Depends: a|b  (>= 1),\n c,, \nPre-Depends: dpkg (>= 1.15)\n');
  assert.deepEqual(listDepends(paragraph), [['dpkg (>= 1.15)'], ['a', 'b (>= 1)'], ['c']]);
});

test('each relation of a version; one that is provided without a version meets none', () => {
  const given = new Map([['a', ['1.0', undefined]]]);
  const entries = ['a', 'a:any', 'a (<< 1.0)', 'a (<= 1.0)', 'a (= 1.0)', 'a (>= 1.0)', 'a (>> 1.0)', 'b'];
  assert.deepEqual(
    entries.filter((entry) => isMet(entry, given)),
    ['a', 'a:any', 'a (<= 1.0)', 'a (= 1.0)', 'a (>= 1.0)'],
  );
});

test('what neither the installed packages nor the added ones give, as it is written', () => {
  const needs = 'libc6 (>= 2.24), libc6-2.24, libc6-2.24 (>= 1), mta (>= 3), gone | lost, new (>= 2)';
  const added = [`Package: app\nDepends: ${needs}\n`, 'Package: new\nVersion: 2\n'];
  assert.deepEqual(findUnmet(STATUS, added), [
    { of: 'app', needs: 'libc6-2.24 (>= 1)' },
    { of: 'app', needs: 'gone | lost' },
  ]);
});
