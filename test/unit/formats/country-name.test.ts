import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameCountry } from '../../../src/formats/country-name.ts';

const names: [string, string][] = [
  ['us', 'United States'],
  ['ax', 'Åland Islands'],
  ['zz', 'International'],
  ['qq', 'QQ'],
  ['<b>', '<b>'],
  ['', ''],
];
for (const [code, name] of names) {
  test(`${JSON.stringify(code)} is ${JSON.stringify(name)}`, () => assert.equal(nameCountry(code), name));
}
