import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CHECKS } from '../../../src/guided/check-answer.ts';
import { recipeOf } from '../../helpers/recipes.ts';

test('a wrong answer is told in a sentence about it', () => {
  const rows = [
    ['apn', 'fast metropcs', /^The APN .*space/],
    ['apn', '', /^The APN is empty/],
    ['user', 'Anna', /^The name is not a name that adduser takes/],
    ['password', '', /^The password is empty/],
    ['ssid', '', /^The name /],
    ['passphrase', 'short', /^The passphrase is not 8 to 63 characters long/],
    ['wifiCountry', 'Germany', /^This is not a two-letter/],
    ['pin', '123', /^The PIN is not four to eight digits/],
  ] as const;
  for (const [name, typed, wanted] of rows) assert.match(CHECKS[name](typed) ?? '', wanted);
  assert.equal(CHECKS.passphrase(''), undefined);
});

test('an answer is taken if and only if the build takes it', () => {
  const options: { [Name in keyof typeof CHECKS]: (typed: string) => Record<string, unknown> } = {
    apn: (apn) => ({ apn }),
    user: (user) => ({ user }),
    password: (password) => ({ password }),
    ssid: (wifiSsid) => ({ wifiSsid, wifiCountry: 'US' }),
    passphrase: (wifiPsk) => ({ wifiSsid: 'x', wifiCountry: 'US', ...(wifiPsk === '' ? {} : { wifiPsk }) }),
    wifiCountry: (wifiCountry) => ({ wifiSsid: 'x', wifiCountry }),
    pin: (pin) => ({ pin }),
  };
  const typed = fc.oneof(fc.string(), fc.stringMatching(/^\d{3,9}$/), fc.stringMatching(/^[a-z.-]{1,70}$/));
  for (const [name, toOptions] of Object.entries(options)) {
    fc.assert(
      fc.property(typed, (text) => {
        let isTaken = true;
        try {
          recipeOf(toOptions(text));
        } catch {
          isTaken = false;
        }
        assert.equal(CHECKS[name as keyof typeof CHECKS](text) === undefined, isTaken, JSON.stringify(text));
      }),
    );
  }
});
