import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkApn } from '../../../../src/formats/config/apn.ts';

/** TS 23.003 §9.1, as a table. */
const good = [
  'internet',
  'fast.metropcs.com',
  'h2g2',
  'fp.com.attz',
  '3gprs',
  'a-b.c',
  'INTERNET',
  'internet.mnc012.mcc345.gprs',
  'x'.repeat(62),
  'lte.racing',
];
const odd = ['my_apn', 'a.-b', 'a-', 'web:1', 'x@y', 'a/b', 'a+b=c', '_x'];
const bad = [
  '',
  '*',
  'a*b',
  'a b',
  ' a',
  'a"b',
  "a'b",
  'a,b',
  'a;b',
  'a$b',
  'a`b`',
  'a\\b',
  'a\nb',
  'a\0',
  'a\x7f',
  'ünter.net',
  'а', // Cyrillic
  'a..b',
  '.a',
  'a.',
  'rac1',
  'LAC.x',
  'sgsn',
  'rnc2.net',
  'x.gprs',
  'x.mnc01.mcc345.gprs',
  'x'.repeat(63),
  `${'x'.repeat(40)}.${'y'.repeat(40)}`,
  '$(reboot)',
  'a|b',
  'a&b',
  'a<b',
  'a\u2028b',
  'a😀',
];

for (const apn of good) {
  test(`APN ${JSON.stringify(apn)} is good`, () =>
    assert.deepEqual(checkApn(apn), { faults: [], oddities: [] }));
}
for (const apn of odd) {
  test(`APN ${JSON.stringify(apn)} is odd`, () => {
    const verdict = checkApn(apn);
    assert.deepEqual(verdict.faults, []);
    assert.ok(verdict.oddities.length > 0);
  });
}
for (const apn of bad) {
  test(`APN ${JSON.stringify(apn)} is rejected`, () => {
    const { faults } = checkApn(apn);
    assert.ok(faults.length > 0);
    for (const fault of faults) assert.match(fault, /^[\x20-\x7e§]+$/);
  });
}
