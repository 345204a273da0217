import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateDoctor } from '../../../src/boot/evaluate-doctor.ts';
import { createBootRecord, createBootTest } from '../../helpers/boot-records.ts';

type At<T> = readonly [seconds: number, what: T];

const online: At<string> = [58, 'fetch ok online'];
const says = (well: boolean, ...checks: readonly string[][]): At<string> => [
  70,
  `doctor ${JSON.stringify({ well, checks: checks.map(([check, state, found = '']) => ({ check, state, found })) })}`,
];

for (const [what, scenario, probe, seconds, expected] of [
  ['does not run', 'online', [online], 100, /^skipped/],
  ['not online yet', 'doctor', [], 50, /^pending: not online yet/],
  ['thinking', 'doctor', [online], 100, /^pending: wwan-doctor has not answered/],
  ['silent', 'doctor', [online], 360, /^failed: wwan-doctor has not answered/],
  [
    'no check fails',
    'doctor',
    [online, says(true, ['stick', 'ok'], ['power', 'none'])],
    71,
    /^met: stick, \(power not known\)$/,
  ],
  [
    'a check fails',
    'doctor',
    [online, says(false, ['stick', 'ok'], ['lease', 'fail', 'no address'])],
    71,
    /^failed: wwan-doctor: lease: no address$/,
  ],
  [
    'the image has no doctor',
    'doctor',
    [online, [70, 'doctor nothing']],
    71,
    /^failed: .* no JSON .*nothing/,
  ],
  ['another kind of JSON', 'doctor', [online, [70, 'doctor {"well":true}']], 71, /^failed: .* no JSON/],
] as const satisfies readonly (readonly [string, string, readonly At<string>[], number, RegExp])[]) {
  test(`doctor: ${what}`, () => {
    const result = evaluateDoctor(createBootTest(scenario), createBootRecord({ probe, seconds }));
    assert.match(`${result.state}: ${result.evidence}`, expected);
  });
}
