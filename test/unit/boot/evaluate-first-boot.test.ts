import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateFirstBoot } from '../../../src/boot/evaluate-first-boot.ts';
import { createBootRecord, createBootTest } from '../../helpers/boot-records.ts';

type At<T> = readonly [seconds: number, what: T];

const SCENARIO = 'packages-at-first-boot';
const done: At<string> = [60, 'own failed: no'];
const unit = (seconds: number, state: string): At<string> => [
  seconds,
  `units Id=app.service\x1eActiveState=${state}\x1eSubState=running\x1eResult=success\x1e`,
];

for (const [what, scenario, probe, seconds, expected] of [
  ['not asked for', 'online', [], 100, /^skipped/],
  ['under way', SCENARIO, [], 100, /^pending: packages and scripts are not done/],
  ['too late', SCENARIO, [], 250, /^failed: packages and scripts are not done/],
  ['a script fails', SCENARIO, [[60, 'own failed: yes']], 61, /^failed: a package or script failed/],
  [
    'the service starts',
    SCENARIO,
    [done, unit(61, 'activating')],
    62,
    /^pending: .*app\.service does not run/,
  ],
  ['the service fails', SCENARIO, [done, unit(61, 'failed')], 62, /^failed: .*app\.service failed/],
  ['the service runs', SCENARIO, [done, unit(61, 'active')], 62, /^met: .*; app\.service running/],
] as const satisfies readonly (readonly [string, string, readonly At<string>[], number, RegExp])[]) {
  test(`first boot: ${what}`, () => {
    const bootTest = createBootTest(scenario);
    const setup = { ...bootTest.setup, firstBoot: { units: ['app.service'] } };
    const result = evaluateFirstBoot({ ...bootTest, setup }, createBootRecord({ probe, seconds }));
    assert.match(`${result.state}: ${result.evidence}`, expected);
  });
}
