import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCountry, nameCountry } from '../../../src/formats/country-name.ts';

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

const CODES = ['be', 'br', 'cd', 'ci', 'de', 'eg', 'gb', 'kr', 'tr', 'us', 'zz'];
const called: [string, string | undefined][] = [
  ['DE', 'de'],
  ['Germany', 'de'],
  ['deutschland', 'de'],
  ['Brasil', 'br'],
  ['uk', 'gb'],
  ['United Kingdom', 'gb'],
  ['England', 'gb'],
  ['USA', 'us'],
  ["Côte d'Ivoire", 'ci'],
  ['ivory coast', 'ci'],
  ['Turkey', 'tr'],
  ['Türkiye', 'tr'],
  ['مصر', 'eg'],
  ['Korea', 'kr'],
  ['international', 'zz'],
  ['France', undefined],
  ['', undefined],
];
for (const [name, code] of called) {
  test(`${JSON.stringify(name)} is the country ${code}`, () => assert.equal(findCountry(name, CODES), code));
}
