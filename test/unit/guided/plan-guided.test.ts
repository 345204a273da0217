import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createCommandLine } from '../../../src/command-line/command-line.ts';
import { type Answers, OTHER } from '../../../src/guided/answers.ts';
import {
  describePlan,
  formatSameAgain,
  type GuidedBuild,
  listWords,
  planGuidedBuild,
} from '../../../src/guided/plan-guided.ts';

const KEY = { kind: 'key', path: '/home/me/.ssh/id.pub', shown: '~/.ssh/id.pub' } as const;
const ANSWERS: Answers = {
  ...{ pi: 'pi2-3', base: 'debian-bookworm', country: 'de', carrier: 'de/vodafone', login: KEY, user: 'pi' },
  ...{ wifi: false, hasPin: false, next: 'nothing' },
};
const PLACE = { timezone: 'Europe/Berlin', keyboard: 'de' };
const EVERYTHING: Answers = {
  place: PLACE,
  ...{ pi: 'pi1', base: 'raspbian-stretch', country: 'de', carrier: OTHER, apn: "it's" },
  ...{
    login: { kind: 'password' },
    user: 'anna',
    password: 'open sesame',
    wifi: true,
    ssid: '-my $net',
    passphrase: 'long & safe',
  },
  ...{ hasPin: true, pin: '0000', next: 'boot-flash' },
};

test('answers become options, and what is secret stays apart from them', () => {
  const rows: ReadonlyArray<readonly [Answers, GuidedBuild['options'], GuidedBuild['secrets']]> = [
    [ANSWERS, { base: 'debian-bookworm', carrier: 'de/vodafone', sshKey: [KEY.path] }, {}],
    [
      EVERYTHING,
      {
        base: 'raspbian-stretch',
        apn: "it's",
        user: 'anna',
        ssh: true,
        ...PLACE,
        wifiSsid: '-my $net',
        wifiCountry: 'DE',
      },
      { password: 'open sesame', wifiPsk: 'long & safe', pin: '0000' },
    ],
    [
      {
        ...EVERYTHING,
        base: 'debian-bookworm',
        login: { kind: 'nobody' },
        place: {},
        passphrase: '',
        hasPin: false,
      },
      { base: 'debian-bookworm', apn: "it's", login: false, wifiSsid: '-my $net', wifiCountry: 'DE' },
      {},
    ],
  ];
  for (const [answers, options, secrets] of rows) {
    assert.deepEqual(planGuidedBuild(answers), { options, secrets });
  }
});

test('the command that does the same is quoted for a shell, and names the variables of its secrets', () => {
  assert.equal(
    formatSameAgain(planGuidedBuild(ANSWERS)),
    `The same again:\n\n  wwanpi build --base debian-bookworm --carrier de/vodafone --ssh-key ${KEY.path}\n`,
  );
  assert.equal(
    formatSameAgain(planGuidedBuild(EVERYTHING)),
    'The same again, with WWANPI_PASSWORD, WWANPI_WIFI_PSK and WWANPI_PIN in the environment:\n\n' +
      "  wwanpi build --base raspbian-stretch --apn 'it'\\''s' --user anna --ssh --timezone Europe/Berlin --keyboard de '--wifi-ssid=-my $net' --wifi-country DE\n",
  );
});

test('no secret is in the command or in the plan, whatever it is', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 3 }).map((text) => `secret ${text}`),
      (secret) => {
        const answers: Answers = { ...EVERYTHING, password: secret, passphrase: secret, pin: secret };
        const build = planGuidedBuild(answers);
        assert.deepEqual(Object.values(build.secrets), [secret, secret, secret]);
        const shown = JSON.stringify([formatSameAgain(build), describePlan(answers, undefined, 'out/x.img')]);
        assert.ok(!shown.includes(JSON.stringify(secret).slice(1, -1)));
      },
    ),
  );
});

test('whatever is typed, wwanpi reads the same options out of the command', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), async (apn, ssid) => {
      const build = planGuidedBuild({ ...EVERYTHING, apn, ssid });
      const words = listWords(build);
      const lines: Record<string, unknown>[] = [];
      await createCommandLine(words, async (_, line) => void lines.push(line)).parseAsync();
      const [line = {}] = lines;
      for (const [key, value] of Object.entries(build.options)) assert.deepEqual(line[key], value, key);
    }),
  );
});

test('the plan has five lines', () => {
  assert.deepEqual(describePlan(EVERYTHING, undefined, 'out/x.img'), [
    ['Pi', 'Pi 1, Zero, Zero W, with Raspbian Stretch, Europe/Berlin, de'],
    ['Carrier', "APN it's, with a PIN"],
    ['Login', 'user anna, with a password; SSH is on'],
    ['Wi-Fi', '-my $net'],
    ['Image', 'out/x.img'],
  ]);
  assert.equal(describePlan({ ...ANSWERS, login: { kind: 'nobody' } }, undefined, '')[2]?.[1], 'nobody');
});
