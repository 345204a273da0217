import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type AllAnswers,
  type Answers,
  type Facts,
  findWifiCountry,
  OTHER,
  type QuestionName,
} from '../../../src/guided/answers.ts';
import { BACK, type Dialogue, goBack, runDialogue } from '../../../src/guided/dialogue.ts';

const FACTS: Facts = { hasCarriers: true, hasPlace: (base) => base === 'debian-bookworm' };

/** Answers that lead through every question. */
const LONG: AllAnswers = {
  ...{ pi: 'pi2-3', base: 'debian-bookworm', country: 'zz', carrier: OTHER, apn: 'internet' },
  ...{
    login: { kind: 'password' },
    user: 'anna',
    password: 'secret',
    place: {},
    wifi: true,
    ssid: 'Home',
    passphrase: '',
  },
  ...{ wifiCountry: 'DE', hasPin: true, pin: '1234', next: 'nothing' },
};

test('questions are asked in their order, each only where it applies', async () => {
  const rows: ReadonlyArray<readonly [Answers, boolean, string]> = [
    [LONG, true, Object.keys(LONG).join(' ')],
    [
      { ...LONG, country: 'de', carrier: 'de/vodafone' },
      true,
      'pi base country carrier login user password place wifi ssid passphrase hasPin pin next',
    ],
    [
      { ...LONG, country: OTHER },
      true,
      'pi base country apn login user password place wifi ssid passphrase wifiCountry hasPin pin next',
    ],
    [
      { ...LONG, base: 'raspbian-stretch', login: { kind: 'nobody' }, wifi: false, hasPin: false },
      false,
      'pi base apn login wifi hasPin next',
    ],
  ];
  for (const [script, hasCarriers, path] of rows) {
    const dialogue = await runDialogue({ ...FACTS, hasCarriers }, async ({ name }) => script[name]);
    assert.equal(dialogue.path.join(' '), path);
    assert.deepEqual(Object.keys(dialogue.answers), dialogue.path);
  }
});

test('after any way through the questions, the answers are those of the path, and back leads where one came from', async () => {
  const answers: { [Name in QuestionName]: readonly AllAnswers[Name][] } = {
    ...{ pi: ['pi1', 'pi2-3'], base: ['debian-bookworm'], country: ['de', 'zz', OTHER] },
    ...{
      carrier: ['de/vodafone', OTHER],
      apn: ['internet'],
      user: ['pi'],
      place: [{}],
      password: ['secret'],
      wifi: [true, false],
    },
    login: [{ kind: 'key', path: '/k', shown: '~/k' }, { kind: 'password' }, { kind: 'nobody' }],
    ...{ ssid: ['Home'], passphrase: ['', 'longenough'], wifiCountry: ['de'], hasPin: [true, false] },
    ...{ pin: ['1234'], next: ['nothing', 'boot'] },
  };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(8), { maxLength: 60 }), async (script) => {
      const steps = [...script];
      const trail: string[] = [];
      const dialogue = await runDialogue(FACTS, async ({ name, answers: before, canGoBack }) => {
        assert.equal(canGoBack, trail.length > 0);
        assert.deepEqual(Object.keys(before), trail);
        const step = steps.shift() ?? 0;
        if (step < 3 && steps.length > 0) {
          trail.pop();
          return BACK;
        }
        trail.push(name);
        return answers[name][step % answers[name].length];
      });
      assert.deepEqual(dialogue.path, trail);
      assert.deepEqual(Object.keys(dialogue.answers), trail);
      assert.equal('password' in dialogue.answers, dialogue.answers.login?.kind === 'password');
      assert.equal('ssid' in dialogue.answers, dialogue.answers.wifi);
      assert.equal(
        'apn' in dialogue.answers,
        [dialogue.answers.country, dialogue.answers.carrier].includes(OTHER),
      );
    }),
  );
});

test('back offers the former answer again, and from the first question leads nowhere', async () => {
  const done = await runDialogue(FACTS, async ({ name }) => LONG[name]);
  const back = goBack(done);
  assert.deepEqual([back.path.at(-1), back.former], ['pin', { next: 'nothing' }]);
  const start: Dialogue = { answers: {}, path: [], former: { pi: 'pi1' } };
  assert.deepEqual(goBack(start), start);
});

test('the Wi-Fi is in the country of the carrier, unless that is none', () => {
  const rows = [
    [{ country: 'de' }, 'DE'],
    [{ country: 'zz' }, undefined],
    [{ country: OTHER }, undefined],
    [{}, undefined],
    [{ country: 'de', wifiCountry: 'fr' }, 'FR'],
  ] as const;
  for (const [answers, wanted] of rows) assert.equal(findWifiCountry(answers), wanted);
});
