import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateBoot } from '../../../src/boot/evaluate-boot.ts';
import { evaluateMilestones } from '../../../src/boot/evaluate-milestones.ts';
import { evaluateShown } from '../../../src/boot/evaluate-shown.ts';
import { createBootRecord, createBootTest, KERNEL, PLUGGED, unitLine } from '../../helpers/boot-records.ts';

type At<T> = readonly [seconds: number, what: T];

const ONLINE = 'LTE: online, Test Mobile, 10.64.64.10, signal good';
const REFUSED = 'LTE: the network refuses the APN internet';
const fetched: At<string> = [58, 'fetch ok online'];
const motd = (line: string): At<string> => [60, `motd ${line}`];
const leds = (...texts: string[]): At<string>[] => texts.map((text, index) => [50 + index, `led ${text}`]);
const former = leds('kbd-scrolllock', 'timer 500 500', 'kbd-scrolllock');
const withDisplay = (name: string, led = true) => {
  const bootTest = createBootTest(name);
  return { ...bootTest, setup: { ...bootTest.setup, display: { led } } };
};

for (const [what, console, probe, seconds, expected] of [
  ['not online yet', ONLINE, former, 50, /^pending: not online yet/],
  [
    'shown',
    ONLINE,
    [fetched, motd(ONLINE), ...former],
    70,
    /^met: "LTE: online, Test Mobile, 10\.64\.64\.10, signal good"; the LED: kbd-scrolllock, timer 500 500, kbd/,
  ],
  [
    'another line still',
    REFUSED,
    [fetched, motd(REFUSED), ...former],
    70,
    /^pending: the console says "LTE: the network refuses/,
  ],
  [
    'another line for good',
    REFUSED,
    [fetched, motd(REFUSED), ...former],
    200,
    /^failed: the console says "LTE: the network refuses/,
  ],
  ['no line', 'raspberrypi login: ', [fetched, ...former], 200, /^failed: the console says "" instead/],
  [
    'another motd',
    ONLINE,
    [fetched, motd(REFUSED), ...former],
    200,
    /^failed: after login it says "LTE: the network/,
  ],
  ['no motd', ONLINE, [fetched, ...former], 200, /^failed: after login it says ""/],
  [
    'it blinked before the probe looked',
    ONLINE,
    [fetched, motd(ONLINE), ...leds('timer 500 500', 'kbd-scrolllock')],
    70,
    /^met: .*; the LED: timer 500 500, kbd-scrolllock/,
  ],
  [
    'it blinked before the probe looked, and blinks on',
    ONLINE,
    [fetched, motd(ONLINE), ...leds('timer 500 500')],
    200,
    /^failed: the LED does "timer 500 500" for good/,
  ],
  [
    'the LED blinks on',
    ONLINE,
    [fetched, motd(ONLINE), ...leds('kbd-scrolllock', 'timer 500 500')],
    200,
    /^failed: the LED does "timer 500 500" instead of "kbd-scrolllock"/,
  ],
  [
    'it never blinked',
    ONLINE,
    [fetched, motd(ONLINE), ...leds('kbd-scrolllock')],
    200,
    /^failed: the LED never blinked/,
  ],
  ['no LED', ONLINE, [fetched, motd(ONLINE)], 200, /^failed: the LED does "nothing"/],
] as const) {
  test(`what a person sees, online: ${what}`, () => {
    const record = createBootRecord({ seconds, console: [[45, console]], probe });
    const result = evaluateShown(withDisplay('online'), record);
    assert.match(`${result.state}: ${result.evidence}`, expected);
  });
}

test('an image without display, or with --led off, is not asked for it', () => {
  const record = createBootRecord({ console: [[45, ONLINE]], probe: [fetched, motd(ONLINE)] });
  assert.equal(evaluateShown(createBootTest('online'), record).state, 'skipped');
  assert.equal(evaluateShown(withDisplay('online', false), record).state, 'met');
  assert.equal(evaluateShown(withDisplay('replug'), record).state, 'skipped');
});

test('offline: the verdict waits for the line and the LED, and fails without them', () => {
  const refuse = {
    type: 'qmi',
    service: 'WDS',
    client: 1,
    message: '0x0020',
    transaction: 1,
    tlvs: {},
  } as const;
  const evaluate = (seconds: number, line: string, does: string) => {
    const bootTest = withDisplay('wrong-apn');
    const record = createBootRecord({
      seconds,
      console: [...KERNEL, [45, line]],
      events: [
        ...PLUGGED,
        [40, { type: 'at', port: 'modem', command: 'AT^NDISDUP=1,1,"internet"', answer: 'OK' }],
        [45, { ...refuse, error: 14 }],
      ],
      probe: [
        [60, unitLine('ifup@wwan0.service', 'failed')],
        [
          61,
          `${unitLine('multi-user.target', 'active')}\x1e${unitLine('ifup@wwan0.service', 'failed').slice(6)}`,
        ],
        motd(line),
        ...leds('kbd-scrolllock', does),
      ],
    });
    const verdict = evaluateBoot(bootTest, record, evaluateMilestones(bootTest, record));
    return verdict === undefined ? 'none yet' : `${verdict.passed}: ${verdict.summary}`;
  };
  assert.match(
    evaluate(70, REFUSED, 'timer 1900 100'),
    /^true: .*, the console says "LTE: the network refuses/,
  );
  assert.equal(evaluate(70, 'LTE: dialling, APN internet', 'timer 500 500'), 'none yet');
  assert.match(
    evaluate(300, 'LTE: dialling, APN internet', 'timer 500 500'),
    /^false: .*; and the console says "LTE: dia/,
  );
  assert.match(
    evaluate(300, REFUSED, 'timer 500 500'),
    /^false: .*; and the LED does "timer 500 500", which is not "refused"/,
  );
});
