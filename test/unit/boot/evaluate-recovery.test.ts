import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateBoot } from '../../../src/boot/evaluate-boot.ts';
import { evaluateMilestones } from '../../../src/boot/evaluate-milestones.ts';
import { evaluateRecovery, measureRecoveries } from '../../../src/boot/evaluate-recovery.ts';
import type { ModemEvent } from '../../../src/modem/events.ts';
import { createBootRecord, createBootTest } from '../../helpers/boot-records.ts';

type At = readonly [seconds: number, event: ModemEvent];
const alive = (seconds: number): At => [
  seconds,
  { type: 'http', method: 'GET', host: '10.64.64.9', path: '/alive', status: 200 },
];
const fault = (seconds: number, what: string, state: 'begin' | 'end'): At => [
  seconds,
  { type: 'fault', what, state },
];
const lost = [alive(60), fault(70, 'network', 'begin'), fault(100, 'network', 'end')];

/** Case, scenario, the modem's events, seconds since power-on, and the expected result. */
const cases: readonly [
  what: string,
  scenario: string,
  events: readonly At[],
  seconds: number,
  says: RegExp,
][] = [
  ['nothing breaks', 'online', [], 100, /^skipped/],
  ['the fault has not come yet', 'signal-lost-30s', [alive(60)], 65, /^pending: 0 of 1/],
  ['in the middle of it', 'signal-lost-30s', lost.slice(0, 2), 90, /^pending: 0 of 1/],
  ['not back yet', 'signal-lost-30s', lost, 130, /^pending: 0 of 1/],
  [
    'back in time',
    'signal-lost-30s',
    [...lost, alive(125)],
    126,
    /^met: online again after 25\.0 s \(bound 60\.0 s\)/,
  ],
  [
    'back too late',
    'signal-lost-30s',
    [...lost, alive(165)],
    166,
    /^failed: online again only 65\.0 s after "network"/,
  ],
  [
    'never back',
    'signal-lost-30s',
    lost,
    161,
    /^failed: offline still 61\.0 s after "network", and 60\.0 s are allowed/,
  ],
  [
    'a page in the middle of it: nothing was lost',
    'signal-lost-30s',
    [...lost.slice(0, 2), alive(80), fault(100, 'network', 'end'), alive(101)],
    102,
    /^failed: the fault "network" broke nothing/,
  ],
  [
    'traffic that was under way does not count',
    'network-detach',
    [fault(70, 'call', 'begin'), alive(71), alive(110)],
    111,
    /^met: online again after 40\.0 s/,
  ],
  [
    'a hang counts from its start, whoever ended it',
    'stick-hangs',
    [fault(70, 'hang', 'begin'), fault(150, 'hang', 'end'), alive(170)],
    171,
    /^met: online again after 100\.0 s/,
  ],
  [
    'client ids that ran out count from the begin, too',
    'clients-exhausted',
    [fault(70, 'clients-exhausted', 'begin'), alive(71), fault(140, 'clients-exhausted', 'end'), alive(170)],
    171,
    /^met: online again after 100\.0 s/,
  ],
  [
    'client ids that nobody brings back',
    'clients-exhausted',
    [fault(70, 'clients-exhausted', 'begin')],
    221,
    /^failed: offline still 151\.0 s/,
  ],
  ['a hang nobody ends', 'stick-hangs', [fault(70, 'hang', 'begin')], 320, /^failed: offline still 250\.0 s/],
  [
    'a hang may take longer where the scenario says so',
    'soak',
    [fault(70, 'hang', 'begin'), fault(150, 'hang', 'end'), alive(300)],
    301,
    /^pending: 1 of \d+ faults are over/,
  ],
  [
    'no other fault may',
    'soak',
    [fault(70, 'call', 'begin'), alive(200)],
    201,
    /^failed: online again only 130\.0 s after "call", and 90\.0 s are allowed/,
  ],
  [
    'a lease may outlive the silence for a while',
    'lease-expires',
    [fault(70, 'dhcp', 'begin'), alive(80), fault(160, 'dhcp', 'end'), alive(170)],
    171,
    /^met: online again after 10\.0 s/,
  ],
];

for (const [what, scenario, events, seconds, says] of cases) {
  test(`recovery: ${what}`, () => {
    const result = evaluateRecovery(createBootTest(scenario), createBootRecord({ events, seconds }));
    assert.match(`${result.state}: ${result.evidence}`, says);
  });
}

test('each fault has its own time', () => {
  const events = [...lost, alive(110), fault(200, 'call', 'begin'), alive(250)];
  assert.deepEqual(
    measureRecoveries(createBootRecord({ events, seconds: 300 })).map(({ what, tookMs }) => [what, tookMs]),
    [
      ['network', 10_000],
      ['call', 50_000],
    ],
  );
});

test('a milestone that was not met before the fault ends the boot at its limit', () => {
  const bootTest = createBootTest('network-detach');
  const events = [fault(70, 'call', 'begin'), alive(100)];
  const judge = (ended?: string) => {
    const record = createBootRecord({ events, seconds: 400, ...(ended === undefined ? {} : { ended }) });
    return evaluateBoot(bootTest, record, evaluateMilestones(bootTest, record));
  };
  assert.equal(judge(), undefined);
  const verdict = judge('not within 360 s');
  assert.match(`${verdict?.passed} ${verdict?.summary}`, /^false .*; not within 360 s$/);
});
