import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateMilestones } from '../../../src/boot/evaluate-milestones.ts';
import { fitScenario } from '../../../src/boot/fit-scenario.ts';
import type { Milestone } from '../../../src/boot/scenario.ts';
import type { ModemEvent } from '../../../src/modem/events.ts';
import {
  createBootRecord,
  createBootTest,
  KERNEL,
  ONLINE_EVENTS,
  ONLINE_PROBE,
  PLUGGED,
} from '../../helpers/boot-records.ts';

/** A boot test of an image with NetworkManager. */
function createTest(name: string) {
  const bootTest = createBootTest(name);
  const setup = { ...bootTest.setup, stack: 'networkmanager' as const, ndisdupApn: undefined, pin: '1234' };
  return { ...bootTest, setup, scenario: fitScenario(bootTest.scenario, setup) };
}

type Given = Parameters<typeof createBootRecord>[0];

function evaluate(name: string, given: Given) {
  const results = evaluateMilestones(createTest(name), createBootRecord({ console: KERNEL, ...given }));
  return (milestone: Milestone) => {
    const result = results.get(milestone);
    return `${result?.state}: ${result?.evidence}`;
  };
}

const CALLED: readonly (readonly [number, ModemEvent])[] = [
  [45, { type: 'call', what: 'start', via: 'qmi', apn: 'internet' }],
];
const REFUSED: readonly (readonly [number, ModemEvent])[] = [
  [45, { type: 'call', what: 'refuse', via: 'qmi', apn: 'internet', why: 'unknown APN' }],
  [45, { type: 'qmi', service: 'WDS', client: 1, message: '0x0020', transaction: 1, error: 14, tlvs: {} }],
];
const FAILED: readonly (readonly [number, string])[] = [
  [
    46,
    'journal pi NetworkManager[396]: <warn>  [1] modem-broadband[cdc-wdm0]: failed to connect modem: Missing or unknown APN: unknown-apn',
  ],
  [
    46,
    "journal pi NetworkManager[396]: <info>  [1] device (cdc-wdm0): state change: prepare -> failed (reason 'unknown', managed-type: 'full')",
  ],
];

test("beside a cable, its name servers come before the image's", () => {
  const judge = (resolv: string) =>
    evaluate('with-ethernet', {
      events: [...PLUGGED, ...CALLED, ...ONLINE_EVENTS],
      probe: [...ONLINE_PROBE.filter(([, line]) => !line.startsWith('resolv')), [52, resolv] as const],
      seconds: 250,
      lookedAt: 240,
    })('resolv-conf').split(':')[0];
  const resolv = (...servers: string[]) =>
    `resolv ${servers.map((server) => `nameserver ${server}\x1e`).join('')}`;
  assert.equal(judge(resolv('192.168.50.1', '1.1.1.1', '1.0.0.1', '10.64.64.9')), 'met');
  assert.equal(judge(resolv('1.1.1.1', '1.0.0.1', '192.168.50.1')), 'failed');
  assert.equal(judge(resolv('192.168.50.1', '10.64.64.9')), 'failed');
});

test('a good boot: no AT command, and a route over an interface of any name', () => {
  const probe = ONLINE_PROBE.map(([at, line]) => [at, line.replace('wwan0', 'wwp0s1u1i4')] as const);
  const given = {
    events: [...PLUGGED, ...CALLED, ...ONLINE_EVENTS],
    probe: [[40, 'link wwp0s1u1i4'], ...probe] as const,
  };
  const result = evaluate('online', given);
  assert.equal(result('at-command'), "skipped: ModemManager owns the modem's ports; it dials alone");
  assert.equal(result('start-network'), 'met: APN internet');
  assert.equal(result('lease'), 'met: 10.64.64.10 by DHCP');
  assert.equal(result('route'), 'met: wwp0s1u1i4 via 10.64.64.9 metric 700');
  assert.match(result('fetch'), /^met/);
});

test('an attempt that NetworkManager gave up fails the call where the scenario wants it offline', () => {
  const given = { events: [...PLUGGED, ...REFUSED], probe: FAILED };
  const why = 'start network was refused with QMI error 14 (unknown APN, APN internet)';
  assert.equal(
    evaluate('wrong-apn', given)('start-network'),
    `failed: ${why}; NetworkManager failed: Missing or unknown APN: unknown-apn`,
  );
  assert.equal(evaluate('online', given)('start-network'), `pending: ${why}`, 'it tries again');
});

test('a modem that cannot dial at all, by what ModemManager says of it', () => {
  const said = 'journal pi ModemManager[394]: <msg> [modem0] state changed (unknown -> failed)';
  assert.equal(
    evaluate('no-sim', { events: PLUGGED, probe: [[46, said]] })('start-network'),
    'failed: no QMI start network yet; ModemManager calls the modem failed',
  );
});

test('a modem without DHCP: the address counts that comes after the call', () => {
  const plugged: readonly (readonly [number, ModemEvent])[] = [
    [0, { type: 'usb', what: 'plug', id: '1bbb:0530' }],
    [30, { type: 'usb', what: 'set-configuration', configuration: 1 }],
  ];
  const called: readonly (readonly [number, ModemEvent])[] = [
    [45, { type: 'call', what: 'start', via: 'mbim', apn: 'internet' }],
  ];
  const before = evaluate('mbim', { events: plugged, probe: [[40, 'address 10.64.64.10']] });
  assert.equal(before('stick'), 'met: 1bbb:0530 configured');
  assert.equal(before('start-network'), 'pending: no MBIM start network yet');
  assert.equal(before('lease'), 'pending: no lease yet');
  const after = evaluate('mbim', {
    events: [...plugged, ...called],
    probe: [
      [40, 'address '],
      [46, 'address 10.64.64.10'],
      [47, 'routes wwan0 00000000 700\x1e'],
    ],
  });
  assert.equal(after('lease'), 'met: 10.64.64.10 by MBIM');
  assert.equal(after('route'), 'met: wwan0 via 0.0.0.0 metric 700');
});

test('a cable that leads nowhere has to lose to the modem', () => {
  const events = [...PLUGGED, ...CALLED, ...ONLINE_EVENTS];
  const routes = (cable: number) => `routes eth0 0132A8C0 ${cable}\x1ewwan0 0940400A 700\x1e`;
  const lost = evaluate('dead-ethernet', { events, probe: [[51, routes(20100)]] });
  assert.match(lost('route'), /^met: wwan0 via 10\.64\.64\.9 metric 700, eth0 /);
  const kept = evaluate('dead-ethernet', { events, probe: [[51, routes(100)]], seconds: 200 });
  assert.match(kept('route'), /^failed: .*wwan0 should come first$/);
});
