import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../../src/core/errors.ts';
import { readKeyfile, splitKeyfileList } from '../../../../src/formats/config/keyfile-reader.ts';

const PROFILE = `# LTE
[connection]
id=wwanpi
type = gsm
autoconnect-retries=0

[gsm]
apn=internet
password=\\sa;b#c\\\\d=\\s
[ipv4]
dns=1.1.1.1;1.0.0.1;
`;

test('groups, values with their escapes, and lists', () => {
  const file = readKeyfile(PROFILE, 'a.nmconnection');
  assert.deepEqual([...file.keys()], ['connection', 'gsm', 'ipv4']);
  assert.equal(file.get('connection')?.get('type'), 'gsm');
  assert.equal(file.get('gsm')?.get('password'), ' a;b#c\\d= ');
  assert.deepEqual(splitKeyfileList(file.get('ipv4')?.get('dns') ?? ''), ['1.1.1.1', '1.0.0.1']);
});

test('only the blanks of ASCII are skipped before a value', () => {
  const file = readKeyfile('[a]\nx = \t\u00a0y\u3000\n', 'f');
  assert.equal(file.get('a')?.get('x'), '\u00a0y\u3000');
});

test('the last of two keys counts, and a group may come in parts', () => {
  const file = readKeyfile('[a]\nx=1\n[b]\n[a]\nx=2\ny=\n', 'f');
  assert.deepEqual(
    [...(file.get('a') ?? [])],
    [
      ['x', '2'],
      ['y', ''],
    ],
  );
});

test('a line that GLib does not take is named by its number, not by its content', () => {
  for (const line of [
    'x=1',
    '[a]\nsecret',
    '[a]\n=secret',
    '[a]\np=\\q',
    '[a]\np=secret\\',
    '[a\n',
    '[a]\nsecret key=1',
  ])
    assert.throws(
      () => readKeyfile(line, 'f'),
      (error) =>
        error instanceof InputError &&
        /^line [12] of f /.test(error.message) &&
        !/secret/.test(error.message),
      line,
    );
});
