import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BehaviourInput } from '../../../src/modem/behaviour.ts';
import { encodeFrame } from '../../../src/modem/network/ethernet.ts';
import { MESSAGE } from '../../../src/modem/usbredir/protocol.ts';
import { encodeRequest } from '../../helpers/qmi-host.ts';
import { createStickOnBus, type StickOnBus } from '../../helpers/stick.ts';

const ARP = encodeFrame({
  target: Buffer.alloc(6, 0xff),
  source: Buffer.from('001e101f0001', 'hex'),
  type: 0x0806,
  payload: Buffer.from('0001080006040001001e101f00010a40400a0000000000000a404009', 'hex'),
});

/** The modem's events on the bus, with their times. */
function history({ log }: StickOnBus): string[] {
  return log.events
    .filter((event) => ['usb', 'registration', 'call', 'fault'].includes(event.type))
    .map((event) =>
      `${event.t} ${'what' in event ? event.what : ''}${'state' in event ? ` ${event.state}` : ''}`.replace(
        '  ',
        ' ',
      ),
    );
}

/** Sends a QMI request as cdc-wdm does, and reads what came back. */
function qmi({ peer, clock }: StickOnBus, service: number, message: number, tlvs: Record<number, string>) {
  peer.control(
    { requestType: 0x21, request: 0, index: 1 },
    encodeRequest(service, service === 0 ? 0 : 1, 1, message, tlvs),
  );
  clock.advance(200);
  return peer.control({ requestType: 0xa1, request: 1, index: 1, length: 4096 }).data;
}

function startCall(on: StickOnBus) {
  qmi(on, 0, 0x22, { 1: '01' });
  qmi(on, 1, 0x20, { 20: Buffer.from('internet').toString('hex') });
}

test('QMI over control transfers: one notification for each answer, also after a late open', () => {
  const on = createStickOnBus();
  const notifications = () =>
    on.peer.messages
      .filter(({ type }) => type === MESSAGE.interrupt_packet)
      .map(({ payload }) => payload.toString('hex'));
  on.peer.control({ requestType: 0x21, request: 0, index: 1 }, encodeRequest(0, 0, 1, 0x22, { 1: '01' }));
  assert.deepEqual(notifications(), []);
  on.peer.ask(MESSAGE.start_interrupt_receiving, 9n, Buffer.from([0x83]));
  assert.deepEqual(notifications(), ['83000800a101000001000000']);
  const answer = on.peer.control({ requestType: 0xa1, request: 1, index: 1, length: 4096 });
  assert.equal(
    answer.data.toString('hex'),
    '01170080000001012200 0c000204000000000001020001 01'.replaceAll(' ', ''),
  );
  assert.equal(on.peer.control({ requestType: 0xa1, request: 1, index: 1, length: 4096 }).data.length, 0);
  assert.equal(notifications().length, 1);
});

test('AT over bulk transfers; a closed port is silent and drops unread bytes', () => {
  const { peer, clock } = createStickOnBus();
  const read = () => peer.bulkAnswer(peer.bulkIn(0x86, 512))?.data.toString();
  peer.control({ requestType: 0x21, request: 0x22, value: 3, index: 4 });
  peer.bulkOut(0x04, Buffer.from('AT\r'));
  assert.deepEqual([read(), read()], ['AT\r', '\r\nOK\r\n']);
  clock.advance(5000);
  peer.control({ requestType: 0x21, request: 0x22, value: 0, index: 4 });
  assert.equal(read(), undefined);
});

test('frames pass only while a call is up', () => {
  const on = createStickOnBus();
  on.peer.bulkOut(0x02, ARP);
  assert.deepEqual(
    on.events('drop').map(({ why }) => why),
    ['no call'],
  );
  startCall(on);
  on.peer.bulkOut(0x02, ARP);
  on.peer.bulkOut(0x02, Buffer.alloc(0));
  assert.equal(on.peer.bulkAnswer(on.peer.bulkIn(0x84, 2048))?.data.length, 60);
  assert.equal(on.events('arp').length, 1);
});

test('a guest that never reads loses frames, not our memory', () => {
  const on = createStickOnBus();
  startCall(on);
  for (let n = 0; n < 3000; n += 1) on.peer.bulkOut(0x02, ARP);
  assert.ok(on.events('usb').some((event) => event.what === 'overflow'));
});

for (const [what, behaviour, want] of [
  ['a good stick', {}, ['0 plug', '0 searching', '0 registered']],
  ['late-stick', { plugInAfterMs: 60_000 }, ['60000 plug', '60000 searching', '60000 registered']],
  [
    'late-signal',
    { signal: { appearsAfterMs: 30_000 }, registrationDelayMs: 2000 },
    ['0 plug', '0 searching', '32000 registered'],
  ],
  ['no stick', { absent: true }, []],
  [
    'replug',
    { faults: [{ after: 'registered', ms: 5000, what: 'usb', forMs: 5000 }] },
    [
      '0 plug',
      '0 searching',
      '0 registered',
      '5000 begin',
      '5000 unplug',
      '5000 off',
      '10000 end',
      '10000 plug',
      '10000 searching',
      '10000 registered',
    ],
  ],
  [
    'network lost for a while',
    { faults: [{ ms: 5000, what: 'network', forMs: 3000 }] },
    ['0 plug', '0 searching', '0 registered', '5000 begin', '5000 searching', '8000 end', '8000 registered'],
  ],
] as const satisfies readonly (readonly [string, BehaviourInput, readonly string[]])[]) {
  test(`${what}: what happens when`, () => {
    const on = createStickOnBus(behaviour as BehaviourInput);
    on.clock.advance(100_000);
    const got = history(on).map((line) => line.replace('usb ', '').replace('network ', ''));
    assert.deepEqual([...got].sort(), [...want].sort());
  });
}

test('losing the network ends the call, and the host is notified', () => {
  const on = createStickOnBus({ faults: [{ after: 'call', ms: 1000, what: 'network' }] });
  startCall(on);
  on.clock.advance(1000);
  assert.equal(on.stick.core.calls.up, false);
  assert.equal(on.events('call').at(-1)?.why, 'network lost');
});

test('a network that drops all traffic: the call stays up', () => {
  const on = createStickOnBus({ faults: [{ after: 'call', what: 'data' }] });
  startCall(on);
  on.clock.advance(0);
  on.peer.bulkOut(0x02, ARP);
  assert.equal(on.stick.core.calls.up, true);
  assert.deepEqual(
    on.events('drop').map(({ why }) => why),
    ['data lost'],
  );
});

test('ports that hang accept everything and answer nothing', () => {
  const on = createStickOnBus({
    faults: [
      { what: 'qmi', forMs: 1000 },
      { what: 'at', forMs: 1000 },
    ],
  });
  on.clock.advance(10);
  assert.equal(qmi(on, 0, 0x22, { 1: '01' }).length, 0);
  on.peer.bulkOut(0x01, Buffer.from('AT\r'));
  assert.equal(on.peer.bulkAnswer(on.peer.bulkIn(0x82, 512)), undefined);
  on.clock.advance(1000);
  assert.notEqual(qmi(on, 0, 0x22, { 1: '01' }).length, 0);
});

test('pulling forgets the call, the clients and that the PIN was verified; tries stay used', () => {
  const on = createStickOnBus({ pin: { state: 'required', retries: 3 } });
  const { core } = on.stick;
  core.modem.input(Buffer.from('AT+CPIN=9999\rAT+CPIN=1234\r'));
  core.modem.input(Buffer.from('AT+CMEE=1\r'));
  startCall(on);
  assert.equal(core.calls.up, true);
  on.stick.unplug();
  on.stick.plug();
  assert.deepEqual([core.calls.up, core.radio.registration], [false, 'searching']);
  // The first client number again.
  assert.equal(qmi(on, 0, 0x22, { 1: '01' }).at(-1), 1);
});

test('a modem that is pulled while it switches comes back in factory mode', () => {
  const on = createStickOnBus({ factoryMode: true });
  on.peer.bulkOut(0x01, Buffer.from('55534243123456780000000000000011062000000101000100000000000000', 'hex'));
  on.clock.advance(500);
  on.stick.unplug();
  on.clock.advance(10_000);
  on.stick.plug();
  const ids = on
    .events('usb')
    .flatMap((event) => ('id' in event && event.id !== undefined ? [event.id] : []));
  assert.deepEqual(ids, ['12d1:1505', '12d1:1505']);
});

test('the network ends the call and stays: the guest is notified and may dial again', () => {
  const on = createStickOnBus({ faults: [{ after: 'call', ms: 1000, what: 'call' }] });
  startCall(on);
  on.clock.advance(2000);
  assert.deepEqual(
    on.events('call').map(({ what, via }) => `${what} ${via}`),
    ['start qmi', 'stop network'],
  );
  assert.equal(on.events('registration').at(-1)?.state, 'registered');
  on.peer.bulkOut(0x02, ARP);
  assert.equal(on.events('drop').length, 1);
  qmi(on, 1, 0x20, { 20: Buffer.from('internet').toString('hex') });
  on.peer.bulkOut(0x02, ARP);
  assert.equal(on.events('arp').length, 1);
});

test('a modem that forgets its clients refuses their numbers', () => {
  const on = createStickOnBus({ faults: [{ after: 'call', ms: 1000, what: 'clients' }] });
  startCall(on);
  on.clock.advance(2000);
  qmi(on, 1, 0x22, {});
  // InvalidClientId.
  assert.equal(on.events('qmi').at(-1)?.error, 7);
});

test('client ids that run out: calls end and nobody gets an id, until the host takes the configuration away', () => {
  const on = createStickOnBus({ faults: [{ after: 'call', ms: 1000, what: 'clients-exhausted' }] });
  startCall(on);
  on.clock.advance(2000);
  assert.equal(on.stick.core.calls.up, false);
  qmi(on, 0, 0x22, { 1: '03' });
  assert.equal(on.events('qmi').at(-1)?.error, 5);
  // Giving one back does not help.
  qmi(on, 0, 0x23, { 1: '0101' });
  qmi(on, 0, 0x22, { 1: '03' });
  assert.equal(on.events('qmi').at(-1)?.error, 5);
  for (const configuration of [0, 1])
    on.peer.ask(MESSAGE.set_configuration, 40n, Buffer.from([configuration]));
  on.clock.advance(1000);
  assert.deepEqual(
    on.events('fault').map(({ what, state }) => `${what} ${state}`),
    ['clients-exhausted begin', 'clients-exhausted end'],
  );
  startCall(on);
  assert.equal(on.stick.core.calls.up, true);
});

test('a modem that hangs answers nothing until the host sets configuration 0', () => {
  const on = createStickOnBus({ faults: [{ after: 'call', ms: 1000, what: 'hang' }] });
  startCall(on);
  on.clock.advance(2000);
  const answered = on.events('qmi').length;
  qmi(on, 0, 0x21, {});
  assert.equal(on.events('qmi').length, answered);
  on.peer.bulkOut(0x02, ARP);
  assert.equal(on.events('drop').length, 1);
  for (const configuration of [0, 1])
    on.peer.ask(MESSAGE.set_configuration, 40n, Buffer.from([configuration]));
  on.clock.advance(1000);
  assert.deepEqual(
    on.events('fault').map(({ state }) => state),
    ['begin', 'end'],
  );
  startCall(on);
  on.peer.bulkOut(0x02, ARP);
  assert.equal(on.events('arp').length, 1);
});
