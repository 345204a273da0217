import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findId, matchesPath, parseOwners } from '../../../../src/formats/config/owners.ts';

test('paths, owners and comments; the last word of a line is the owner', () => {
  const { lines, faults } = parseOwners(
    '\uFEFF# who owns what\r\n\n/srv/app/** pi:pi\r\n/srv/My files\t1000:33\n',
  );
  assert.deepEqual(faults, []);
  assert.deepEqual(lines, [
    { pattern: '/srv/app/**', user: 'pi', group: 'pi', line: 3 },
    { pattern: '/srv/My files', user: '1000', group: '33', line: 4 },
  ]);
});

test('every fault has its line', () => {
  const bad = [
    'srv/app pi:pi',
    '/srv/app',
    '/srv/app pi',
    '/srv/../etc pi:pi',
    '/srv/ pi:pi',
    '/a Pi:pi',
    '/a 4294967295:0',
  ];
  const { lines, faults } = parseOwners(bad.join('\n'));
  assert.deepEqual(lines, []);
  assert.deepEqual(
    faults.map(({ line }) => line),
    bad.map((_, index) => index + 1),
  );
});

const fits: readonly [pattern: string, path: string, fits: boolean][] = [
  ['/srv/app', '/srv/app', true],
  ['/srv/app', '/srv/app/x', false],
  ['/srv/*', '/srv/app', true],
  ['/srv/*', '/srv/app/x', false],
  ['/srv/**', '/srv', true],
  ['/srv/**', '/srv/app/x', true],
  ['/srv/**', '/srvx', false],
  ['/**/x', '/srv/app/x', true],
  ['/**', '/srv', true],
  ['/srv/a?p', '/srv/app', true],
  ['/srv/a?p', '/srv/ap', false],
  ['/srv/*.c*f', '/srv/a.conf', true],
  ['/srv/?', '/srv/ü', true],
  ['/srv/[a]', '/srv/a', false],
];
for (const [pattern, path, expected] of fits) {
  test(`${pattern} ${expected ? 'fits' : 'does not fit'} ${path}`, () => {
    assert.equal(matchesPath(pattern, path), expected);
  });
}

test('no pattern takes long', () => {
  const part = fc.stringMatching(/^[a*?]{1,40}$/);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
      matchesPath(`/${parts.join('/')}`, `/${'a'.repeat(200)}/${'a'.repeat(200)}`);
    }),
  );
  assert.equal(matchesPath(`/${'*a'.repeat(100)}b`, `/${'a'.repeat(250)}`), false);
});

test('names are those of passwd or group', () => {
  assert.equal(findId('root:x:0:0::/root:/bin/sh\npi:x:1000:1000::/home/pi:/bin/sh\n', 'pi'), 1000);
  assert.equal(findId('root:x:0:\n', 'pi'), undefined);
  assert.equal(findId('', '42'), 42);
});
