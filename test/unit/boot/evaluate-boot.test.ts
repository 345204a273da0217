import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BootRecord } from '../../../src/boot/boot-record.ts';
import { evaluateBoot, type Verdict } from '../../../src/boot/evaluate-boot.ts';
import { evaluateMilestones } from '../../../src/boot/evaluate-milestones.ts';
import { findTakenCommand } from '../../../src/boot/evaluate-stick.ts';
import type { BootTest } from '../../../src/boot/milestone-result.ts';
import {
  CALLED,
  createBootRecord,
  createBootTest,
  KERNEL,
  ONLINE_EVENTS,
  ONLINE_PROBE,
  PLUGGED,
  unitLine,
} from '../../helpers/boot-records.ts';

const online = { console: KERNEL, events: [...PLUGGED, ...CALLED, ...ONLINE_EVENTS], probe: ONLINE_PROBE };
const refused = {
  type: 'qmi',
  service: 'WDS',
  client: 1,
  message: '0x0020',
  transaction: 1,
  tlvs: {},
} as const;
const booted = unitLine('multi-user.target', 'active');

function evaluate(bootTest: BootTest, record: BootRecord): Verdict | undefined {
  return evaluateBoot(bootTest, record, evaluateMilestones(bootTest, record));
}

function failure(verdict: Verdict | undefined): string {
  assert.ok(verdict !== undefined, 'no verdict yet');
  return verdict.passed ? 'passed' : `${verdict.milestone}: ${verdict.summary}`;
}

test('a good boot: every milestone with its time and evidence', () => {
  const results = evaluateMilestones(createBootTest('online'), createBootRecord(online));
  const shown = [...results].map(([name, result]) =>
    result.state === 'met' ? [name, result.atMs / 1000, result.evidence] : [name, result.state],
  );
  assert.deepEqual(shown, [
    ['kernel', 3, 'Linux 6.1.0-50-armmp'],
    ['stick', 30, '12d1:1506 configured'],
    ['at-command', 40, 'AT^NDISDUP=1,1,"internet" → OK'],
    ['start-network', 45, 'APN internet'],
    ['lease', 50, '10.64.64.10 by DHCP'],
    ['route', 51, 'wwan0 via 10.64.64.9 metric 700'],
    ['resolv-conf', 52, 'name servers 1.1.1.1 1.0.0.1 10.64.64.9'],
    ['dns', 56.5, '10.64.64.9'],
    ['ping', 57.5, '10.64.64.9'],
    ['fetch', 58.5, 'online'],
    ['closed', 62, 'of 1 ports tried, none answers'],
    ['shown', 'skipped'],
    ['status-file', 'skipped'],
    ['doctor', 'skipped'],
    ['first-boot', 'skipped'],
    ['recovery', 'skipped'],
    ['steady', 'skipped'],
  ]);
  assert.deepEqual(evaluate(createBootTest('online'), createBootRecord(online)), {
    passed: true,
    summary: 'online',
  });
});

test('an emulator that broke fails the boot, whatever else was seen', () => {
  const why = 'TypeError: x is not a function (in answerDns)';
  const events = [...online.events, [59, { type: 'broken', why }]] as const;
  const verdict = evaluate(createBootTest('online'), createBootRecord({ ...online, events }));
  assert.equal(failure(verdict), `fetch: the emulated modem failed, which is a bug of wwanpi: ${why}`);
});

test('no verdict while a milestone may still be met', () => {
  assert.equal(evaluate(createBootTest('online'), createBootRecord({ seconds: 1 })), undefined);
  assert.equal(
    evaluate(createBootTest('online'), createBootRecord({ ...online, probe: ONLINE_PROBE.slice(0, 4) })),
    undefined,
  );
});

test('the time is up or QEMU has ended: the first missed milestone is named', () => {
  const late = createBootRecord({ console: KERNEL, events: PLUGGED, ended: 'not within 360 s' });
  assert.match(
    failure(evaluate(createBootTest('online'), late)),
    /^at-command: .*has not come; not within 360 s$/,
  );
  const dead = createBootRecord({ ended: 'QEMU ended (exit code 1): no such file' });
  assert.match(failure(evaluate(createBootTest('online'), dead)), /^kernel: .*QEMU ended/);
});

test('an unexpected APN fails at once, by AT and by QMI', () => {
  const bootTest = createBootTest('online', { apn: 'other' });
  const record = createBootRecord({ console: KERNEL, events: [...PLUGGED, ...CALLED] });
  assert.match(failure(evaluate(bootTest, record)), /^at-command: .*the APN "internet" instead of "other"/);
  const silent = createBootTest('online', {
    apn: 'other',
    setup: { ...bootTest.setup, ndisdupApn: undefined },
  });
  assert.match(failure(evaluate(silent, record)), /^start-network: .*"internet" instead of "other"/);
});

test('an AT^NDISDUP accepted before the power was cut need not come again, but one with another APN fails', () => {
  const sentBefore = 'AT^NDISDUP=1,1,"internet"';
  assert.equal(findTakenCommand(createBootRecord(online).events, 'internet'), sentBefore);
  assert.equal(findTakenCommand(createBootRecord(online).events, 'other'), undefined);
  const events = online.events.filter(([, event]) => event.type !== 'at');
  const refusal = { type: 'at', port: 'pcui', command: sentBefore, answer: 'ERROR' } as const;
  assert.equal(findTakenCommand(createBootRecord({ events: [[40, refusal]] }).events, 'internet'), undefined);
  const bootTest = { ...createBootTest('online'), sentBefore };
  const record = createBootRecord({ ...online, events });
  assert.equal(evaluate(bootTest, record)?.passed, true);
  const result = evaluateMilestones(bootTest, record).get('at-command');
  assert.deepEqual(result, {
    state: 'skipped',
    evidence: 'AT^NDISDUP=1,1,"internet" → OK, before the power was cut',
  });
  const other = { ...bootTest, apn: 'other' };
  assert.match(
    failure(evaluate(other, createBootRecord(online))),
    /^at-command: .*"internet" instead of "other"/,
  );
});

test('an image that sends no AT^NDISDUP on purpose passes without', () => {
  const bootTest = createBootTest('online');
  const events = online.events.filter(([, event]) => event.type !== 'at');
  const quiet = { ...bootTest, setup: { ...bootTest.setup, ndisdupApn: undefined } };
  assert.equal(evaluate(quiet, createBootRecord({ ...online, events }))?.passed, true);
  assert.equal(evaluate(bootTest, createBootRecord({ ...online, events })), undefined);
});

for (const [unit, milestone, what] of [
  ['wwanpi-ndisdup.service', 'at-command', 'the first-boot unit failed'],
  ['ifup@wwan0.service', 'start-network', 'ifup failed before a call'],
] as const) {
  test(`${what}: fails without waiting`, () => {
    const events = milestone === 'at-command' ? PLUGGED : [...PLUGGED, ...CALLED.slice(0, 1)];
    const record = createBootRecord({ console: KERNEL, events, probe: [[60, unitLine(unit, 'failed')]] });
    assert.match(
      failure(evaluate(createBootTest('online'), record)),
      new RegExp(`^${milestone}: .*${unit} failed`),
    );
  });
}

for (const [what, line, milestone] of [
  ['a metric that is not the image’s', 'routes wwan0 0940400A 0\x1e', 'route'],
  ['name servers in another order', 'resolv nameserver 10.64.64.9\x1enameserver 1.1.1.1\x1e', 'resolv-conf'],
] as const) {
  test(`${what} fails, after time to settle`, () => {
    const probe = [...ONLINE_PROBE, [70, line] as const];
    assert.equal(
      evaluate(createBootTest('online'), createBootRecord({ ...online, probe, seconds: 80 })),
      undefined,
    );
    const verdict = evaluate(createBootTest('online'), createBootRecord({ ...online, probe, seconds: 120 }));
    assert.match(failure(verdict), new RegExp(`^${milestone}: `));
  });
}

test('a page that did not come over the modem does not count', () => {
  const events = online.events.filter(([, event]) => event.type !== 'http');
  const verdict = evaluate(createBootTest('online'), createBootRecord({ ...online, events, seconds: 400 }));
  assert.match(failure(verdict), /^fetch: .*not over the modem/);
});

test('factory mode: switched, or stuck as mass storage', () => {
  const factory = [[0, { type: 'usb', what: 'plug', id: '12d1:1505' }]] as const;
  const configured = [31, { type: 'usb', what: 'set-configuration', configuration: 1 }] as const;
  const stuck = createBootRecord({
    console: KERNEL,
    events: [...factory, configured],
    probe: [[60, booted]],
    seconds: 125,
  });
  assert.match(failure(evaluate(createBootTest('factory-mode'), stuck)), /^stick: .*12d1:1505/);
  const switched = evaluateMilestones(
    createBootTest('factory-mode'),
    createBootRecord({
      events: [
        ...factory,
        configured,
        [35, { type: 'usb', what: 'mode-switch' }],
        [37, { type: 'usb', what: 'plug', id: '12d1:1506' }],
        [38, { type: 'usb', what: 'set-configuration', configuration: 1 }],
      ],
    }),
  ).get('stick');
  assert.deepEqual(switched, {
    state: 'met',
    atMs: 38_000,
    evidence: '12d1:1506 configured, switched from 12d1:1505 at 35.0 s',
  });
});

test('replug: only what comes after the second lease counts', () => {
  assert.equal(evaluate(createBootTest('replug'), createBootRecord({ ...online, seconds: 300 })), undefined);
  const later = <T>(list: readonly (readonly [number, T])[]) =>
    list.map(([seconds, what]) => [seconds + 60, what] as const);
  const events = [...online.events, ...later(ONLINE_EVENTS)];
  assert.equal(evaluate(createBootTest('replug'), createBootRecord({ ...online, events })), undefined);
  const probe = [...ONLINE_PROBE, ...later(ONLINE_PROBE)];
  const twice = evaluateMilestones(
    createBootTest('replug'),
    createBootRecord({ ...online, events, probe, seconds: 150 }),
  );
  assert.deepEqual(twice.get('dns'), { state: 'met', atMs: 116_500, evidence: '10.64.64.9' });
});

test('a later fault does not undo the milestones before it', () => {
  const events = [
    ...online.events,
    [70, { type: 'fault', what: 'network', state: 'begin' }] as const,
    [100, { type: 'fault', what: 'network', state: 'end' }] as const,
  ];
  const probe = [...ONLINE_PROBE, [75, 'routes '] as const];
  const bootTest = createBootTest('signal-lost-30s');
  const results = evaluateMilestones(bootTest, createBootRecord({ ...online, events, probe, seconds: 140 }));
  assert.equal(results.get('route')?.state, 'met');
  assert.equal(evaluate(bootTest, createBootRecord({ ...online, events, probe, seconds: 140 })), undefined);
  assert.match(
    failure(evaluate(bootTest, createBootRecord({ ...online, events, probe, seconds: 170 }))),
    /^recovery: /,
  );
});

test('a cable beside the modem: its route has to come first', () => {
  const probe = [...ONLINE_PROBE, [60, 'routes wwan0 0940400A 700\x1eeth0 0202000A 202\x1e'] as const];
  assert.equal(
    evaluate(createBootTest('with-ethernet'), createBootRecord({ ...online, probe }))?.passed,
    true,
  );
  const alone = evaluate(createBootTest('with-ethernet'), createBootRecord({ ...online, seconds: 120 }));
  assert.match(failure(alone), /^route: .*eth0 should come first/);
  assert.match(
    failure(evaluate(createBootTest('online'), createBootRecord({ ...online, probe, seconds: 120 }))),
    /^route: /,
  );
});

test('the broken libqmi must be refused with 64 without holding the boot up', () => {
  const bootTest = createBootTest('broken-libqmi');
  const events = [...PLUGGED, ...CALLED.slice(0, 1), [45, { ...refused, error: 64 }] as const];
  const failed = unitLine('ifup@wwan0.service', 'failed');
  const record = (probe: string, ended?: string) =>
    createBootRecord({
      console: KERNEL,
      events,
      probe: [[60, probe]],
      ...(ended === undefined ? {} : { ended }),
    });
  assert.equal(evaluate(bootTest, record(failed)), undefined);
  assert.equal(evaluate(bootTest, record(`${failed}\x1e${booted.slice('units '.length)}`))?.passed, true);
  assert.match(failure(evaluate(bootTest, record(failed, 'not within 360 s'))), /the boot was not done/);
  const other = createBootRecord({
    console: KERNEL,
    events: [...PLUGGED, ...CALLED.slice(0, 1), [45, { ...refused, error: 14 }]],
    probe: [[60, `${failed}\x1e${booted.slice('units '.length)}`]],
  });
  assert.match(failure(evaluate(bootTest, other)), /QMI error 64 was expected/);
});

test('no modem: the journal has to say so', () => {
  const bootTest = createBootTest('no-stick');
  const said = 'journal pi wwanpi-stick[400]: no LTE modem: wwan0 does not exist';
  const with_ = createBootRecord({
    console: KERNEL,
    probe: [
      [60, booted],
      [91, said],
    ],
  });
  assert.equal(evaluate(bootTest, with_)?.passed, true);
  const without = (seconds: number, resumedAt = 0) =>
    createBootRecord({ console: KERNEL, probe: [[60, booted]], seconds, resumedAt });
  assert.equal(evaluate(bootTest, without(100)), undefined);
  const verdict = evaluate(bootTest, without(200));
  assert.match(failure(verdict), /the journal does not say "no LTE modem"/);
  // A guest that goes on from a snapshot has that time from there on.
  assert.equal(evaluate(bootTest, without(200, 150)), undefined);
  assert.match(failure(evaluate(bootTest, without(300, 150))), /the journal does not say/);
});

test('an image that comes online where it must not does not pass', () => {
  assert.match(
    failure(evaluate(createBootTest('wrong-apn'), createBootRecord(online))),
    /^start-network: online, though/,
  );
});

test('a look that began before the lease proves nothing about it', () => {
  const before = { ...online, probe: [[40, ONLINE_PROBE[0]?.[1] ?? ''], ...ONLINE_PROBE.slice(2)] as const };
  const state = (given: Parameters<typeof createBootRecord>[0], name: 'route' | 'resolv-conf') =>
    evaluateMilestones(createBootTest('online'), createBootRecord(given)).get(name)?.state;
  assert.equal(state({ ...before, seconds: 60, lookedAt: 49 }, 'route'), 'pending');
  assert.equal(
    state({ ...before, seconds: 60, lookedAt: 51 }, 'route'),
    'met',
    'looked at again, and the same',
  );
  const wrong = { ...online, probe: [[51, 'resolv nameserver 9.9.9.9\x1e']] as const };
  // The host is slow: 200 s after the lease the last look is still one of 60 s after it.
  assert.equal(state({ ...wrong, seconds: 250, lookedAt: 109 }, 'resolv-conf'), 'pending');
  assert.equal(state({ ...wrong, seconds: 250, lookedAt: 111 }, 'resolv-conf'), 'failed');
});

test('a unit that failed before the modem came does not decide', () => {
  const ifup = unitLine('ifup@wwan0.service', 'failed');
  const given = {
    console: KERNEL,
    events: [...PLUGGED, ...CALLED.slice(0, 1)],
    probe: [[20, ifup]] as const,
  };
  assert.equal(evaluate(createBootTest('online'), createBootRecord({ ...given, lookedAt: 25 })), undefined);
  assert.match(
    failure(evaluate(createBootTest('online'), createBootRecord({ ...given, lookedAt: 45 }))),
    /^start-network: /,
  );
});

for (const [what, console, says] of [
  [
    'emergency mode',
    [
      [
        95,
        '[\u001b[0;1;31m TIME \u001b[0m] Timed out waiting for device \u001b[0;1;39m/dev/disk/by-uuid/X\u001b[0m.',
      ],
      [95, '[\u001b[0;1;38:5:185mDEPEND\u001b[0m] Dependency failed for \u001b[0;1;39m/boot\u001b[0m.'],
      [96, 'You are in emergency mode. After logging in, type "journalctl -xb" to view'],
    ],
    /^stick: the system went into emergency mode: Timed out waiting for device \/dev\/disk\/by-uuid\/X\.$/,
  ],
  [
    'a panic of the kernel',
    [[9, '[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)']],
    /^stick: Kernel panic - not syncing: VFS: Unable to mount root fs/,
  ],
] as const) {
  test(`${what} ends the boot at once, and is named as the cause`, () => {
    const lines = console.map(([seconds, text]) => [seconds, text.replaceAll('\u001b', '')] as const);
    const record = createBootRecord({ console: [...KERNEL, ...lines], seconds: 97 });
    assert.match(failure(evaluate(createBootTest('online'), record)), says);
  });
}

test('no-ping: the ping is skipped, and the journal has to say so before the boot passes', () => {
  const events = online.events.filter(([, event]) => event.type !== 'icmp');
  const probe = ONLINE_PROBE.map(([t, line]): [number, string] => [t, line.replace('ping ok', 'ping none')]);
  const { scenario } = createBootTest('no-ping');
  const bootTest = createBootTest('no-ping', {
    scenario: {
      ...scenario,
      expected: { ...scenario.expected, steadyForMs: undefined } as typeof scenario.expected,
    },
  });
  const silent = createBootRecord({ ...online, events, probe });
  assert.equal(evaluateMilestones(bootTest, silent).get('ping')?.state, 'skipped');
  assert.equal(evaluate(bootTest, silent), undefined);
  assert.match(
    failure(evaluate(bootTest, { ...silent, ended: 'not within 360 s' })),
    /does not say "pings are filtered"/,
  );
  const line = 'journal pi wwanpi-supervisor[9]: pings are filtered: none of 1.1.1.1 answers one';
  assert.deepEqual(
    evaluate(bootTest, createBootRecord({ ...online, events, probe: [...probe, [59, line]] })),
    {
      passed: true,
      summary: 'online, the journal says "pings are filtered"',
    },
  );
});

for (const [answeredAt, says] of [
  [56, /^met: 10\.64\.64\.9 after 3\.0 s \(bound 6\.0 s\)$/],
  [62, /^failed: 10\.64\.64\.9 after 9\.0 s \(bound 6\.0 s\)$/],
] as const) {
  test(`dead-dns: a lookup answered at ${answeredAt} s, its first question lost at 53 s`, () => {
    const asked = (t: number, answer: string) =>
      [t, { type: 'dns', name: 'probe.wwanpi.test', query: 'A', answer }] as const;
    const events = [
      ...online.events.filter(([, event]) => event.type !== 'dns'),
      // Of an earlier lookup, which found nothing.
      asked(50.5, 'lost'),
      asked(53, 'lost'),
      asked(55, 'lost'),
      asked(answeredAt, '10.64.64.9'),
    ];
    const probe: [number, string][] = [
      ...ONLINE_PROBE.filter(([, line]) => !line.startsWith('dns')).map(([t, line]): [number, string] => [
        t,
        line,
      ]),
      [52.5, 'dns no answer'],
      [answeredAt + 0.5, 'dns ok 10.64.64.9'],
    ];
    const found = evaluateMilestones(
      createBootTest('dead-dns'),
      createBootRecord({ ...online, events, probe }),
    ).get('dns');
    assert.match(`${found?.state}: ${found?.evidence}`, says);
  });
}
