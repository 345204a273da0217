import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQmiHost } from '../../../helpers/qmi-host.ts';

const [CTL, WDS, DMS, NAS, WDA] = [0, 1, 2, 3, 0x1a];
const START = 0x20;
const STOP = 0x21;
const hex = (text: string) => Buffer.from(text).toString('hex');
const apn = (name: string) => ({ 20: hex(name) });
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('hex');
};

test('the modem has no WDA: error 31', () => {
  assert.equal(createQmiHost().ask(CTL, 0, 0x22, { 1: '1a' })?.error, 31);
  assert.equal(createQmiHost().ask(WDA, 1, 0x21)?.error, 7);
});

test('clients: numbers increase, are released once, and are required', () => {
  const host = createQmiHost();
  assert.deepEqual([host.client(WDS), host.client(WDS), host.client(DMS)], [1, 2, 1]);
  assert.equal(host.ask(CTL, 0, 0x23, { 1: '0101' })?.tlvs[1], '0101');
  assert.equal(host.ask(CTL, 0, 0x23, { 1: '0101' })?.error, 7);
  assert.equal(host.client(WDS), 3);
  assert.equal(host.ask(WDS, 1, 0x22)?.error, 7);
  assert.equal(host.ask(CTL, 0, 0x27)?.error, 0);
  assert.equal(host.ask(WDS, 2, 0x22)?.error, 7);
  assert.equal(host.ask(CTL, 0, 0x22)?.error, 17);
});

test('254 clients at most', () => {
  const host = createQmiHost();
  for (let n = 0; n < 254; n += 1) host.client(NAS);
  assert.equal(host.ask(CTL, 0, 0x22, { 1: '03' })?.error, 5);
});

test('a call: start, twice, status, settings, stop with the wrong handle, stop', () => {
  const host = createQmiHost({ apns: [{ apn: 'internet' }] });
  const client = host.client(WDS);
  assert.equal(host.ask(WDS, client, 0x2d)?.error, 15);
  const handle = host.ask(WDS, client, START, apn('internet'))?.tlvs[1] ?? '';
  assert.equal(handle.length, 8);
  assert.equal(host.ask(WDS, client, START, apn('internet'))?.error, 26);
  assert.equal(host.ask(WDS, client, 0x22)?.tlvs[1], '02');
  const settings = host.ask(WDS, client, 0x2d)?.tlvs;
  assert.deepEqual(
    [settings?.[0x1e], settings?.[0x20], settings?.[0x21]],
    ['0a40400a', '0940400a', 'fcffffff'],
  );
  assert.equal(host.ask(WDS, client, STOP, { 1: u32(5) })?.error, 9);
  assert.equal(host.ask(WDS, client, STOP, { 1: handle })?.error, 0);
  assert.equal(host.ask(WDS, client, STOP, { 1: handle })?.error, 26);
  assert.equal(host.ask(WDS, client, 0x22)?.tlvs[1], '01');
  assert.deepEqual(
    host
      .indications()
      .filter(({ service }) => service === WDS)
      .map(({ message, client: to, tlvs }) => [message, to, tlvs[1]]),
    [
      [0x22, 0xff, '0200'],
      [0x22, 0xff, '0100'],
    ],
  );
});

for (const [tlv, error] of [
  [undefined, 0],
  ['04', 0],
  ['08', 0],
  ['00', 64],
  ['01', 64],
  ['', 64],
  ['06', 14],
] as const) {
  test(`start network with IP family ${tlv ?? 'left out'}: error ${error}`, () => {
    const host = createQmiHost();
    const family: Record<number, string> = tlv === undefined ? {} : { 25: tlv };
    assert.equal(host.ask(WDS, host.client(WDS), START, { ...apn('x'), ...family })?.error, error);
  });
}

test('an APN the network does not know: 14, and why', () => {
  const host = createQmiHost({ apns: [{ apn: 'internet' }] });
  const answer = host.ask(WDS, host.client(WDS), START, apn('wrong'));
  assert.equal(answer?.error, 14);
  assert.deepEqual(answer?.tlvs, { 16: '0100', 17: '06001b00' });
});

test('user and password are looked at, and the password is not logged', () => {
  const host = createQmiHost({ apns: [{ apn: 'internet', user: 'me', password: 'secret' }] });
  const client = host.client(WDS);
  const start = (password: string) =>
    host.ask(WDS, client, START, { ...apn('internet'), 23: hex('me'), 24: hex(password) });
  assert.deepEqual(start('wrong')?.tlvs, { 16: '0a00', 17: '06001d00' });
  assert.equal(start('secret')?.error, 0);
  assert.equal(JSON.stringify(host.log.events).includes(hex('secret')), false);
});

test('not registered: no service', () => {
  const host = createQmiHost({ registrationDelayMs: 60_000 });
  const answer = host.ask(WDS, host.client(WDS), START, apn('x'));
  assert.deepEqual([answer?.error, answer?.tlvs], [14, { 16: '0300', 17: '0300d107' }]);
});

test('only IPv6: cause 51', () => {
  const host = createQmiHost({ network: { addressing: 'ipv6-only' } });
  assert.equal(host.ask(WDS, host.client(WDS), START, apn('x'))?.tlvs[0x11], '06003300');
});

test('attempts as the behaviour has them: refused, no answer, then by the rules', () => {
  const host = createQmiHost({ callAttempts: [{ refuse: 33 }, 'hang'] });
  const [first, second] = [host.client(WDS), host.client(WDS)];
  assert.equal(host.ask(WDS, first, START, apn('x'))?.tlvs[0x11], '06002100');
  assert.equal(host.ask(WDS, first, START, apn('x')), undefined);
  assert.equal(host.ask(WDS, second, START, apn('x'))?.error, 0);
});

test('releasing its client ends a call', () => {
  const host = createQmiHost();
  const client = host.client(WDS);
  host.ask(WDS, client, START, apn('x'));
  host.ask(CTL, 0, 0x23, { 1: `01${client.toString(16).padStart(2, '0')}` });
  assert.equal(host.core.calls.up, false);
});

test('signal: strength, info, and error 74 before there is any', () => {
  const host = createQmiHost({ signal: { appearsAfterMs: 10_000 } });
  const client = host.client(NAS);
  assert.equal(host.ask(NAS, client, 0x20, { 16: 'ef00' })?.error, 74);
  assert.equal(host.ask(NAS, client, 0x4f)?.error, 74);
  host.clock.advance(10_000);
  const strength = host.ask(NAS, client, 0x20, { 16: 'ef00' });
  assert.deepEqual(strength?.tlvs, {
    1: 'bd08',
    16: '0100bd08',
    17: '01004308',
    22: 'f708',
    23: '7800',
    24: 'a1ff',
  });
  assert.equal(host.ask(NAS, client, 0x4f)?.tlvs[0x14], 'bdf7a1ff7800');
});

test('serving system: searching, registered, denied', () => {
  const host = createQmiHost({ registrationDelayMs: 1000 });
  const client = host.client(NAS);
  assert.equal(host.ask(NAS, client, 0x24)?.tlvs[1], '0202020200');
  host.clock.advance(1000);
  assert.equal(host.ask(NAS, client, 0x24)?.tlvs[1], '010101020108');
  assert.equal(host.indications().find(({ service }) => service === NAS)?.tlvs[1], '010101020108');
  const denied = createQmiHost({ registrationDenied: true });
  assert.equal(denied.ask(NAS, denied.client(NAS), 0x24)?.tlvs[1], '0302020200');
});

test('PIN: status, wrong ones with what is left, blocked, PUK', () => {
  const host = createQmiHost({ pin: { state: 'required', pin: '1111' } });
  const client = host.client(DMS);
  const pin = (text: string) => `0104${hex(text)}`;
  assert.equal(host.ask(DMS, client, 0x2b)?.tlvs[0x11], '01030a');
  assert.equal(host.ask(DMS, client, 0x43)?.error, 37);
  const wrong = host.ask(DMS, client, 0x28, { 1: pin('0000') });
  assert.deepEqual([wrong?.error, wrong?.tlvs[0x10]], [12, '020a']);
  host.ask(DMS, client, 0x28, { 1: pin('0000') });
  assert.equal(host.ask(DMS, client, 0x28, { 1: pin('0000') })?.error, 35);
  assert.equal(host.ask(DMS, client, 0x2b)?.tlvs[0x11], '04000a');
  const puk = `0108${hex('12345678')}04${hex('2222')}`;
  assert.equal(host.ask(DMS, client, 0x29, { 1: puk })?.error, 0);
  assert.equal(host.ask(DMS, client, 0x2b)?.tlvs[0x11], '02030a');
  assert.equal(host.core.radio.registration, 'registered');
  assert.equal(JSON.stringify(host.log.events).includes(hex('0000')), false);
});

test('PIN: the right one registers the modem; protection can be turned off', () => {
  const host = createQmiHost({ pin: { state: 'required' } });
  const client = host.client(DMS);
  assert.equal(host.core.radio.registration, 'searching');
  assert.equal(host.ask(DMS, client, 0x28, { 1: `0104${hex('1234')}` })?.error, 0);
  assert.equal(host.core.radio.registration, 'registered');
  assert.equal(host.ask(DMS, client, 0x27, { 1: `010004${hex('1234')}` })?.error, 0);
  assert.equal(host.ask(DMS, client, 0x2b)?.tlvs[0x11], '03030a');
  for (const [tlv, error] of [
    ['0104', 1],
    [`0204${hex('1234')}`, 11],
  ] as const) {
    assert.equal(host.ask(DMS, client, 0x28, { 1: tlv })?.error, error);
  }
});

test('the identity of the modem', () => {
  const host = createQmiHost();
  const client = host.client(DMS);
  const text = (message: number, tlv = 1) =>
    Buffer.from(host.ask(DMS, client, message)?.tlvs[tlv] ?? '', 'hex').toString();
  assert.deepEqual(
    [text(0x21), text(0x22), text(0x23), text(0x25, 0x11)],
    ['Huawei Technologies', 'E397u-53', '11.433.61.00.00', '867000000000001'],
  );
});

test('low power ends registration and calls', () => {
  const host = createQmiHost();
  const [dms, wds] = [host.client(DMS), host.client(WDS)];
  host.ask(WDS, wds, START, apn('x'));
  assert.equal(host.ask(DMS, dms, 0x2e, { 1: '01' })?.error, 0);
  assert.deepEqual([host.core.radio.registration, host.core.calls.up], ['off', false]);
  host.ask(DMS, dms, 0x2e, { 1: '00' });
  assert.equal(host.core.radio.registration, 'registered');
});

test('a message no service has: error 71', () => {
  const host = createQmiHost();
  assert.equal(host.ask(NAS, host.client(NAS), 0x5555)?.error, 71);
});

test('TLVs of a message nobody knows are not logged: they may carry a PIN', () => {
  const host = createQmiHost();
  assert.equal(host.ask(DMS, host.client(DMS), 0x3a, { 1: `0104${hex('1234')}04${hex('4321')}` })?.error, 71);
  assert.equal(host.ask(0xe0, 1, 0x2a, { 1: hex('1234') })?.error, 7);
  assert.doesNotMatch(JSON.stringify(host.log.events), new RegExp(`${hex('1234')}|${hex('4321')}`));
});

test('no SIM: uninitialised, and never registered', () => {
  const host = createQmiHost({ sim: 'absent' });
  const client = host.client(DMS);
  for (const message of [0x2b, 0x3c, 0x43]) assert.equal(host.ask(DMS, client, message)?.error, 37);
  assert.equal(host.ask(DMS, client, 0x28, { 1: `0104${hex('1234')}` })?.error, 37);
  assert.equal(host.core.radio.registration, 'searching');
});

test('roaming: the indicator of the serving system', () => {
  for (const [roaming, indicator] of [
    [false, '01'],
    [true, '00'],
  ] as const) {
    const host = createQmiHost({ roaming });
    assert.equal(host.ask(NAS, host.client(NAS), 0x24)?.tlvs[0x10], indicator);
  }
});

test('the MTU is told by QMI or not, and a name server once', () => {
  for (const [mtuBy, mtu] of [
    [['qmi'], '00050000'],
    [['dhcp'], undefined],
  ] as const) {
    const host = createQmiHost({ network: { mtu: 1280, mtuBy: [...mtuBy] } });
    const client = host.client(WDS);
    host.ask(WDS, client, START, apn('x'));
    const settings = host.ask(WDS, client, 0x2d)?.tlvs;
    assert.deepEqual([settings?.[0x29], settings?.[0x15], settings?.[0x16]], [mtu, '0940400a', undefined]);
  }
});

test('a late answer does not reach a client from before the modem was pulled', () => {
  const host = createQmiHost({ callSetupMs: 5000 });
  const client = host.client(WDS);
  assert.equal(host.ask(WDS, client, START, apn('x')), undefined);
  const before = host.frames.length;
  host.core.powerDown();
  host.core.powerUp(0);
  host.clock.advance(10_000);
  assert.equal(host.frames.slice(before).filter((frame) => frame[4] === WDS).length, 0);
});
