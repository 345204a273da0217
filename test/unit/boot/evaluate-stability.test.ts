import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateStability, measureIdle } from '../../../src/boot/evaluate-stability.ts';
import type { ModemEvent } from '../../../src/modem/events.ts';
import { createBootRecord, createBootTest } from '../../helpers/boot-records.ts';

type At<T> = readonly [seconds: number, what: T];

interface Looked {
  readonly processes?: number;
  readonly files?: number;
  readonly availableKb?: number;
  readonly supervisorFiles?: number;
  readonly supervisorKb?: number;
}

/** A look each 20 s from `from` to `to`; the supervisor wakes twice a second and uses 1 % of the processor. */
function looks(from: number, to: number, seen: Looked = {}, supervised = true): At<string>[] {
  const {
    processes = 70,
    files = 800,
    availableKb = 900_000,
    supervisorFiles = 4,
    supervisorKb = 3000,
  } = seen;
  const lines: At<string>[] = [];
  for (let t = from; t < to; t += 20) {
    const own = `supervisor_files=${supervisorFiles} supervisor_kb=${supervisorKb} supervisor_wakeups=${t * 2} supervisor_ticks=${t}`;
    const system = `available_kb=${availableKb} system_switches=${t * 100} system_forks=${t * 3}`;
    lines.push([
      t,
      `resources processes=${processes} files=${files} ${system}${supervised ? ` ${own}` : ''}`,
    ]);
  }
  return lines;
}

const FETCHED: At<string> = [60, 'fetch ok online'];
/** The 600 s of "idle" from 60 s on: the first third is compared with the rest. */
const idle = (after: Looked, ...more: At<string>[]) => [
  FETCHED,
  ...looks(70, 260),
  ...more,
  ...looks(260, 660, after),
];

const cases: readonly [what: string, probe: readonly At<string>[], seconds: number, says: RegExp][] = [
  ['not online yet', looks(10, 50), 55, /^pending: not all faults are over/],
  ['in the middle of it', idle({}), 400, /^pending: quiet for less than 600 s/],
  [
    'nothing grows',
    idle({ processes: 72, files: 820, availableKb: 895_000 }),
    661,
    /^met: online for 600 s more; processes 70 → 72, open files 800 → 820, kB available 900000 → 895000, supervisor's files 4 → 4/,
  ],
  ['less than before is no growth', idle({ processes: 50, availableKb: 990_000 }), 661, /^met/],
  ['processes stay behind', idle({ processes: 77 }), 661, /^failed: grown: processes \(/],
  ['files stay open', idle({ files: 870 }), 661, /^failed: grown: open files \(/],
  ['memory goes', idle({ availableKb: 880_000 }), 661, /^failed: grown: kB available \(/],
  [
    'the supervisor keeps files open',
    idle({ supervisorFiles: 6 }),
    661,
    /^failed: grown: supervisor's files/,
  ],
  ['the supervisor grows', idle({ supervisorKb: 5000 }), 661, /^failed: grown: supervisor's kB \(/],
  [
    'the supervisor had to repair the link',
    idle({}, [300, 'journal raspberrypi wwanpi-supervisor[200]: recovery level 1: nothing received']),
    661,
    /^failed: the link went down by itself: .*recovery level 1/,
  ],
  ['the address went', idle({}, [300, 'address ']), 661, /^failed: wwan0 lost its address by itself/],
  ['nobody looked', [FETCHED], 661, /^failed: only 0 and 0 looks/],
  [
    'the supervisor was not there before: its own growth is not measured',
    [FETCHED, ...looks(70, 260, {}, false), ...looks(260, 660, { supervisorKb: 9000 })],
    661,
    /^met: .*kB available 900000 → 900000$/,
  ],
];

for (const [what, probe, seconds, says] of cases) {
  test(`steady: ${what}`, () => {
    const result = evaluateStability(createBootTest('idle'), createBootRecord({ probe, seconds }));
    assert.match(`${result.state}: ${result.evidence}`, says);
  });
}

test('steady: skipped in a scenario without an idle time', () => {
  assert.equal(
    evaluateStability(createBootTest('online'), createBootRecord({ seconds: 661 })).state,
    'skipped',
  );
});

test('after drops the idle time begins with the last recovery, and is compared with the time before the first drop', () => {
  const { scenario } = createBootTest('idle');
  const dropping = {
    ...scenario,
    behaviour: { faults: [{ after: 'fetch', ms: 0, what: 'call' }] },
    expected: { ...scenario.expected, recoversWithinMs: 90_000, steadyForMs: 100_000 },
  } as typeof scenario;
  const events: At<ModemEvent>[] = [
    [200, { type: 'fault', what: 'call', state: 'begin' }],
    [240, { type: 'http', method: 'GET', host: 'x', path: '/alive', status: 200 }],
  ];
  const back: At<string> = [230, 'journal pi wwanpi-supervisor[200]: recovery level 2: the call has ended'];
  const probe = [FETCHED, ...looks(70, 200), back, ...looks(200, 340, { processes: 90 })];
  const bootTest = createBootTest('idle', { scenario: dropping });
  assert.equal(
    evaluateStability(bootTest, createBootRecord({ events, probe, seconds: 300 })).state,
    'pending',
  );
  const { evidence } = evaluateStability(bootTest, createBootRecord({ events, probe, seconds: 341 }));
  assert.match(evidence, /^grown: processes \(processes 70 → 90/);
});

test('the resources used while the link is idle', () => {
  const { scenario } = createBootTest('idle');
  assert.deepEqual(measureIdle(scenario, createBootRecord({ probe: idle({}), seconds: 661 })), {
    seconds: 570,
    systemForksPerMinute: 180,
    systemSwitchesPerMinute: 6000,
    supervisor: { wakeupsPerMinute: 120, processorSecondsPerHour: 36 },
  });
  const bare = createBootRecord({ probe: [FETCHED, ...looks(70, 660, {}, false)], seconds: 661 });
  assert.equal(measureIdle(scenario, bare)?.supervisor, null);
  assert.equal(measureIdle(createBootTest('online').scenario, bare), undefined);
});
