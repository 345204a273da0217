import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VARIABLES } from '../../../src/core/environment.ts';
import { describeDefault, describeOption, formatSpelling } from '../../../src/options/describe-option.ts';
import { type OptionEntry, toCamel, toKebab } from '../../../src/options/option.ts';
import {
  getChoices,
  listFleetOptions,
  listOptions,
  listRecorded,
  mapVariables,
  OPTIONS,
  suggestOption,
} from '../../../src/options/options.ts';

/** Held by every entry of the table, those to come too. */
const demands: readonly (readonly [string, (option: OptionEntry) => void])[] = [
  ['has a name of small letters and hyphens', ({ name }) => assert.match(name, /^[a-z]+(-[a-z]+)*$/)],
  [
    'says what it does: a capital first, no stop at the end, one line',
    ({ help }) => assert.match(help, /^(?:[A-Z]|libqmi)[^\n]{8,}[^.\s]$/),
  ],
  [
    'names its value in capitals, and a switch has none',
    ({ type, metavar }) => {
      if (type === 'switch') assert.equal(metavar, undefined);
      else assert.match(metavar ?? '', /^[A-Z]+(=[A-Z]+)?$/);
    },
  ],
  [
    'has a default or says what happens without it, not both',
    ({ default: value, unset }) => assert.ok(value === undefined || unset === undefined),
  ],
  [
    'has only choices that are words, and a default among them',
    ({ choices, default: value }) => {
      if (choices === undefined) return;
      for (const choice of choices) assert.match(choice, /^[a-z0-9-]+$/);
      if (value !== undefined) assert.ok(choices.includes(String(value)));
    },
  ],
  [
    'has a variable of its own, if it is secret, and lets a fleet file name another',
    ({ commands, secret, variable, fleet }) => {
      if (secret !== true) return;
      assert.match(variable ?? '', /^WWANPI_[A-Z_]+$/);
      if (commands.includes('build')) assert.equal(fleet?.variable, true);
    },
  ],
  [
    'asks for something by name, where a fleet file or the recipe may set it',
    ({ type, choices, needs, fleet, recipe, name }) => {
      const isChecked = fleet !== undefined || recipe === true;
      // These are checked by parsePacking.
      if (!isChecked || type === 'switch' || (choices !== undefined && type === 'text') || name === 'level')
        return;
      assert.match(needs ?? '', /^[a-z]/);
    },
  ],
  [
    'conflicts with and replaces options that exist',
    ({ commands, conflicts = [], fleet }) => {
      const names = (command: (typeof commands)[number]) =>
        listOptions(command as 'build').map(({ name }) => name);
      if (commands === 'all') return;
      for (const command of commands)
        for (const other of conflicts) assert.ok(names(command).includes(other), other);
      for (const other of fleet?.replaces ?? [])
        assert.ok(
          listFleetOptions().some(({ name }) => name === other),
          other,
        );
    },
  ],
];

for (const option of OPTIONS) {
  const commands = option.commands === 'all' ? 'all commands' : option.commands.join(', ');
  describe(`--${option.name} of ${commands}`, () => {
    for (const [what, demand] of demands) test(what, () => demand(option));
  });
}

test('no command has an option twice, and no option has the letter of another', () => {
  const commands = new Set(OPTIONS.flatMap(({ commands: of }) => (of === 'all' ? [] : of)));
  for (const command of commands) {
    const options = [...listOptions(command), ...OPTIONS.filter(({ commands: of }) => of === 'all')];
    const names = options.flatMap(({ name, alias = [] }) => [name, alias].flat());
    assert.deepEqual(names, [...new Set(names)], command);
  }
});

test('an option that two commands share by its name takes the same values in both', () => {
  for (const { name, choices } of OPTIONS.filter((option) => option.choices !== undefined)) {
    const all = OPTIONS.filter((option) => option.name === name).map((option) => option.choices);
    for (const other of all) assert.deepEqual(other, choices, name);
  }
  assert.deepEqual(getChoices('compress'), ['xz', 'zstd', 'none']);
});

test('secrets: their variables, and that the manifest never has them', () => {
  assert.deepEqual(mapVariables({ secretOnly: true }), {
    apnPassword: 'WWANPI_APN_PASSWORD',
    pin: 'WWANPI_PIN',
    wifiPsk: 'WWANPI_WIFI_PSK',
    password: 'WWANPI_PASSWORD',
    passwordHash: 'WWANPI_PASSWORD_HASH',
  });
  assert.equal(mapVariables({ secretOnly: false }).epoch, 'SOURCE_DATE_EPOCH');
  const secret = listRecorded().filter(({ isSecret }) => isSecret);
  assert.deepEqual(
    secret.map(({ key }) => key).sort(),
    Object.keys(mapVariables({ secretOnly: true })).sort(),
  );
  const others = VARIABLES.flatMap(({ names }): readonly string[] => names);
  for (const variable of Object.values(mapVariables({ secretOnly: true })))
    assert.ok(!others.includes(variable));
});

test('the manifest has what decides the image, and nothing of how it is written', () => {
  const recorded = listRecorded().map(({ key }) => key);
  for (const key of ['apn', 'carrier', 'base', 'builder', 'metric', 'epoch', 'name'])
    assert.ok(recorded.includes(key), key);
  const others = ['output', 'cacheDir', 'dryRun', 'quiet', 'json', 'libqmiSource', 'sshKey', 'compress'];
  for (const key of [...others, 'level', 'keepImage', 'sign', 'in', 'containerImage'])
    assert.ok(!recorded.includes(key), key);
});

test('names in both spellings, and how an option is shown', () => {
  assert.equal(toCamel('supervisor-dead-after'), 'supervisorDeadAfter');
  assert.equal(toKebab('supervisorDeadAfter'), 'supervisor-dead-after');
  const find = (name: string) => OPTIONS.find((option) => option.name === name) ?? assert.fail(name);
  assert.equal(formatSpelling(find('yes')), '-y, --yes');
  assert.equal(formatSpelling(find('dns')), '--dns ADDRESS…');
  assert.equal(describeOption(find('pin')), 'PIN of the SIM; safer in $WWANPI_PIN');
  assert.equal(
    describeOption(find('ndisdup')),
    'When to send AT^NDISDUP to the modem (first-boot, every-boot or off)',
  );
  assert.equal(describeOption(find('supervisor-reboot')), 'Minutes offline before the Pi reboots (or off)');
  assert.equal(describeDefault(find('base')), 'raspbian-stretch');
  assert.equal(describeDefault(find('verify')), undefined);
});

test('a mistyped option is answered with the one of the same command that is nearest', () => {
  assert.equal(suggestOption('build', 'metrc'), 'did you mean --metric?');
  assert.equal(suggestOption('boot', 'scenrio'), 'did you mean --scenario?');
  assert.equal(suggestOption('boot', 'metrc'), undefined);
  // It is taken, but not shown.
  assert.equal(suggestOption('build', 'epochs'), undefined);
});
