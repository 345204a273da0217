import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guessCountry } from '../../../src/guided/guess-country.ts';

const COUNTRIES = ['at', 'br', 'de', 'fr', 'gb', 'us', 'zz', 'not a code'];

test('the time zone comes before the language, which decides where the zone does not', () => {
  const rows: ReadonlyArray<readonly [Record<string, string>, string | undefined, string | undefined]> = [
    [{ LANG: 'en_US.UTF-8' }, 'Europe/Berlin', 'de by time zone'],
    [{ LANG: 'de_AT.UTF-8' }, 'Europe/Vienna', 'at by language'],
    [{ LANG: 'pt_BR' }, 'UTC', 'br by language'],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'fr_FR@euro' }, undefined, 'fr by language'],
    [{ LANG: 'en_US.UTF-8', LC_ALL: '' }, 'UTC', 'us by language'],
    [{ LANG: 'C.UTF-8' }, 'America/Sao_Paulo', 'br by time zone'],
    [{ LANG: 'C.UTF-8' }, 'UTC', undefined],
    [{ LANG: 'ja_JP.UTF-8' }, 'Asia/Tokyo', undefined],
    [{ LANG: 'de' }, 'Nowhere/Land', undefined],
    [{}, undefined, undefined],
  ];
  for (const [env, zone, wanted] of rows) {
    const guess = guessCountry(env, zone, COUNTRIES);
    const text = guess === undefined ? undefined : `${guess.country} by ${guess.from}`;
    assert.equal(text, wanted, `${JSON.stringify(env)} ${zone}`);
  }
});
