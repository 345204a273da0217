import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCarrier } from '../../../src/carriers/apply-carrier.ts';
import { loadCarriers } from '../../../src/carriers/load-carriers.ts';
import { nameCountry } from '../../../src/formats/country-name.ts';
import { OTHER } from '../../../src/guided/answers.ts';
import { searchCarrierChoices, searchCountries } from '../../../src/guided/choices.ts';

const data = await loadCarriers(() => assert.fail('it is installed'));
const countries = [...new Set(data.carriers.map(({ country }) => country))];

test('every country is offered once: the guess first, then by name, SIM cards for all countries and the APN last', () => {
  const offered = searchCountries(data, { country: 'de', from: 'time zone' }, '').map(({ value }) => value);
  assert.deepEqual(offered.toSorted(), [...countries, OTHER].toSorted());
  assert.equal(offered[0], 'de');
  assert.deepEqual(offered.slice(-2), ['zz', OTHER]);
  const named = offered.slice(1, -2).map(nameCountry);
  assert.deepEqual(
    named,
    named.toSorted((a, b) => a.localeCompare(b, 'en')),
  );
});

test('a country is found as people call it, the best match first', () => {
  const rows = [
    ['germ', 'de'],
    ['Deutschland', 'de'],
    ['uk', 'gb'],
    ['england', 'gb'],
    ['usa', 'us'],
    ['united st', 'us'],
    ['states', 'us'],
    ['cote d', 'ci'],
    ['holland', 'nl'],
    ['brasil', 'br'],
    ['de', 'de'],
    ['xyzzy', OTHER],
  ] as const;
  for (const [typed, wanted] of rows) {
    const [first] = searchCountries(data, undefined, typed);
    assert.equal(first?.value, wanted, typed);
  }
});

test('every carrier that is offered is one that --carrier takes, with the APN that is shown', () => {
  for (const country of countries) {
    const choices = searchCarrierChoices(data, country, '');
    assert.equal(choices.at(-1)?.value, OTHER);
    for (const { value, hint } of choices.slice(0, -1)) {
      const { options } = applyCarrier({ carrier: value }, data);
      assert.equal(options.apn, hint, value);
    }
  }
});

test('a carrier is there once, with its recommended APN; another APN is found by its own name', () => {
  const values = (country: string, typed: string) =>
    searchCarrierChoices(data, country, typed).map(({ value }) => value);
  assert.deepEqual(values('de', 'vodaf')[0], 'de/vodafone');
  assert.deepEqual(values('us', 't mobile')[0], 'us/t-mobile');
  assert.deepEqual(values('us', 'epc.tmobile')[0], 'us/t-mobile/epc.tmobile.com');
  assert.deepEqual(values('de', 'no such carrier'), [OTHER]);
});
