import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQmiHost } from '../../../helpers/qmi-host.ts';
import { createStickOnBus } from '../../../helpers/stick.ts';

/** What ModemManager asks beyond what qmicli and qmi-network do. */

const [WDS, DMS, NAS, WMS] = [1, 2, 3, 5];
const hex = (text: string) => Buffer.from(text).toString('hex');
const NAME = `0b${hex('Test Mobile')}`;

test('a scan finds the one network: serving, home, LTE; none where there is no signal', () => {
  const host = createQmiHost();
  const found = host.ask(NAS, host.client(NAS), 0x21);
  assert.deepEqual(found?.tlvs, { 16: `010001000100a5${NAME}`, 17: '01000100010008' });
  const away = createQmiHost({ roaming: true });
  assert.equal(away.ask(NAS, away.client(NAS), 0x21)?.tlvs[0x10], `010001000100a9${NAME}`);
  const dark = createQmiHost({ signal: { appearsAfterMs: 60_000 } });
  assert.deepEqual(dark.ask(NAS, dark.client(NAS), 0x21)?.tlvs, { 16: '0000' });
});

for (const [what, tlvs, error] of [
  ['automatically', { 1: '01' }, 0],
  ['by hand with the network that is there', { 1: '02', 16: '0100010008' }, 0],
  ['by hand with another network', { 1: '02', 16: '0601010008' }, 13],
  ['by hand with none', { 1: '02' }, 17],
  ['by hand with half a network', { 1: '02', 16: '0100' }, 1],
  ['in a way nobody knows', { 1: '07' }, 48],
  ['with nothing', {}, 17],
] as const) {
  test(`registering ${what}: error ${error}`, () => {
    const host = createQmiHost();
    assert.equal(host.ask(NAS, host.client(NAS), 0x22, { ...tlvs })?.error, error);
  });
}

test('the name of an operator: of this network; unavailable for another', () => {
  const host = createQmiHost();
  const client = host.client(NAS);
  const name = host.ask(NAS, client, 0x44, { 1: '01000100' })?.tlvs[0x10];
  assert.equal(name, `0100${'010000'}${NAME}${'010000'}${NAME}`);
  assert.equal(host.ask(NAS, client, 0x44, { 1: '06010100' })?.error, 74);
  assert.equal(host.ask(NAS, client, 0x44, { 1: '06' })?.error, 1);
});

test('preferences: read, set, read again', () => {
  const host = createQmiHost();
  const client = host.client(NAS);
  const selection = () => host.ask(NAS, client, 0x34)?.tlvs;
  assert.deepEqual([selection()?.[0x11], selection()?.[0x16]], ['1c00', '00']);
  assert.deepEqual([selection()?.[0x15], selection()?.[0x18]], ['1a00000000000000', '02000000']);
  assert.equal(host.ask(NAS, client, 0x33, { 17: '1000', 22: '0101000100' })?.error, 0);
  assert.deepEqual([selection()?.[0x11], selection()?.[0x16]], ['1000', '01']);
  assert.equal(host.ask(NAS, client, 0x33, { 17: '10' })?.error, 1);
  assert.deepEqual(host.ask(NAS, client, 0x2b)?.tlvs, { 1: '000000', 16: '0000' });
  assert.deepEqual(host.ask(NAS, client, 0x26)?.tlvs, { 16: '0000', 17: '0000' });
});

test('signal info is indicated once it was configured, on registration', () => {
  const host = createQmiHost();
  const client = host.client(NAS);
  const heard = () => host.indications().filter(({ message }) => message === 0x51);
  host.core.radio.setCell(false);
  host.core.radio.setCell(true);
  host.clock.advance(1000);
  assert.equal(heard().length, 0);
  assert.equal(host.ask(NAS, client, 0x50, {})?.error, 0);
  host.core.radio.setCell(false);
  host.core.radio.setCell(true);
  host.clock.advance(1000);
  assert.deepEqual(heard().at(-1)?.tlvs, { 20: 'bdf7a1ff7800' });
  assert.equal(host.ask(NAS, client, 0x4d)?.error, 71);
});

test('channel rates as bogus as its owner found them, and only in a call', () => {
  const host = createQmiHost();
  const client = host.client(WDS);
  assert.equal(host.ask(WDS, client, 0x23)?.error, 15);
  host.ask(WDS, client, 0x20, { 20: hex('internet') });
  assert.equal(host.ask(WDS, client, 0x23)?.tlvs[1], 'ffffffffffffffff80f0fa0200e1f505');
});

test('packet statistics count what the call carried', () => {
  const host = createQmiHost();
  const client = host.client(WDS);
  host.ask(WDS, client, 0x20, { 20: hex('internet') });
  host.core.frame(Buffer.alloc(60));
  assert.deepEqual(host.ask(WDS, client, 0x24, { 1: 'ff000000' })?.tlvs, {
    16: '01000000',
    17: '00000000',
    25: '3c00000000000000',
    26: '0000000000000000',
  });
});

test('short messages: none stored, routes are kept, none can be sent', () => {
  const host = createQmiHost();
  const client = host.client(WMS);
  const ask = (message: number, tlvs: Record<number, string> = {}) => host.ask(WMS, client, message, tlvs);
  assert.deepEqual(ask(0x31, { 1: '00', 17: '00' })?.tlvs, { 1: '00000000' });
  assert.deepEqual([ask(0x31)?.error, ask(0x31, { 1: '09' })?.error], [17, 48]);
  assert.equal(ask(0x30)?.tlvs[1], '01');
  assert.equal(ask(0x33)?.tlvs[1], '010000040101');
  assert.equal(ask(0x32, { 1: '02000004010100000101' })?.error, 0);
  assert.equal(ask(0x33)?.tlvs[1], '02000004010100000101');
  assert.equal(ask(0x32, { 1: '0200' })?.error, 1);
  assert.equal(ask(0x01, { 16: '01' })?.error, 0);
  assert.equal(ask(0x20, { 1: '00' })?.error, 71);
});

test('the PIN can be changed with the old one, and neither is logged', () => {
  const host = createQmiHost({ pin: { state: 'required', pin: '1111' } });
  const client = host.client(DMS);
  const change = (old: string, pin: string) =>
    host.ask(DMS, client, 0x2a, { 1: `0104${hex(old)}04${hex(pin)}` })?.error;
  assert.equal(change('9999', '2222'), 12);
  assert.equal(change('1111', '2222'), 0);
  assert.equal(host.core.sim.state, 'verified');
  assert.equal(change('1111', '3333'), 12);
  assert.equal(change('2222', '3333'), 0);
  assert.doesNotMatch(JSON.stringify(host.log.events), /31313131|32323232|33333333|39393939/);
  const open = createQmiHost();
  const tlvs = { 1: `0104${hex('1234')}04${hex('2222')}` };
  assert.equal(open.ask(DMS, open.client(DMS), 0x2a, tlvs)?.error, 26);
});

test('facility locks are off, the SIM is ready or not, bands', () => {
  const host = createQmiHost({ pin: { state: 'required' } });
  const client = host.client(DMS);
  assert.equal(host.ask(DMS, client, 0x40, { 1: '00' })?.tlvs[1], '000a0a');
  assert.equal(host.ask(DMS, client, 0x44)?.tlvs[1], '01');
  assert.deepEqual(host.ask(DMS, client, 0x45)?.tlvs, { 1: '8003e80400000200', 16: '1a00000000000000' });
});

test('offline is its own mode, and the radio is off in it', () => {
  const host = createQmiHost();
  const client = host.client(DMS);
  assert.equal(host.ask(DMS, client, 0x2e, { 1: '03' })?.error, 0);
  assert.equal(host.ask(DMS, client, 0x2d)?.tlvs[1], '03');
  assert.equal(host.core.radio.registration, 'off');
  assert.equal(host.ask(DMS, client, 0x2e, { 1: '02' })?.error, 48);
  host.ask(DMS, client, 0x2e, { 1: '01' });
  assert.equal(host.ask(DMS, client, 0x2d)?.tlvs[1], '01');
});

for (const [by, restart] of [
  ['QMI', ({ stick }) => stick.core.control.input(Buffer.from('0110000002010001002e00040001010004', 'hex'))],
  ['AT^RESET', ({ stick }) => stick.core.pcui.input(Buffer.from('AT^RESET\r'))],
  ['AT+CFUN=1,1', ({ stick }) => stick.core.modem.input(Buffer.from('AT+CFUN=1,1\r'))],
] as const satisfies readonly (readonly [string, (on: ReturnType<typeof createStickOnBus>) => void])[]) {
  test(`a reset by ${by}: off the bus, and back after some seconds`, () => {
    const on = createStickOnBus();
    on.stick.core.control.input(Buffer.from('010f00000000000122000400010100 02'.replace(' ', ''), 'hex'));
    restart(on);
    on.clock.advance(50);
    const usb = () => on.events('usb').map(({ what }) => what);
    assert.deepEqual(usb(), ['plug']);
    on.clock.advance(1000);
    assert.deepEqual(usb(), ['plug', 'unplug']);
    on.clock.advance(10_000);
    assert.deepEqual(usb(), ['plug', 'unplug', 'plug']);
    assert.equal(on.stick.core.radio.registration, 'registered');
  });
}

test('another cause for an APN that nobody knows', () => {
  const host = createQmiHost({ apns: [{ apn: 'internet' }], unknownApnCause: 33 });
  assert.equal(host.ask(WDS, host.client(WDS), 0x20, { 20: hex('x') })?.tlvs[0x11], '06002100');
});
