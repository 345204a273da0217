import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMbimSplitter } from '../../../../src/modem/mbim/message.ts';
import { createMbimHost, encodeCommand, textAt, withTexts, words } from '../../../helpers/mbim-host.ts';

const CAPS = 1;
const READY = 2;
const RADIO = 3;
const PIN = 4;
const HOME = 6;
const VISIBLE = 8;
const REGISTER = 9;
const PACKET = 10;
const SIGNAL = 11;
const numbers = (buffer: Buffer, count = buffer.length / 4) =>
  Array.from({ length: count }, (_, at) => buffer.readUInt32LE(4 * at));

function opened(behaviour = {}) {
  const host = createMbimHost(behaviour);
  assert.equal(host.open(), 0);
  return host;
}

test('nothing is told before open: a function error; closing ends it', () => {
  const host = createMbimHost();
  assert.deepEqual([host.query(CAPS).type, host.query(CAPS).status], [0x8000_0004, 5]);
  assert.equal(host.open(), 0);
  assert.equal(host.query(CAPS).status, 0);
  assert.equal(host.send(words(2, 12, 77))?.type, 0x8000_0002);
  assert.equal(host.query(CAPS).type, 0x8000_0004);
});

test('the device: removable, GSM, a SIM, LTE, one session; its names', () => {
  const { buffer } = opened().query(CAPS);
  assert.deepEqual(numbers(buffer, 8), [2, 1, 1, 2, 0x3f, 0, 1, 1]);
  assert.deepEqual(
    [32, 40, 48, 56].map((at) => textAt(buffer, at)),
    ['', '867000000000512', 'IK512_00_02.00_03', 'IK512-V1'],
  );
});

test('the services: Basic Connect and its commands', () => {
  const { buffer } = opened().query(16);
  const [count, sessions, start, length] = numbers(buffer, 4);
  assert.deepEqual([count, sessions, start], [1, 0, 16]);
  assert.equal(buffer.length, 16 + (length ?? 0));
  assert.equal(buffer.toString('hex', 16, 32), 'a289cc33bcbb8b4fb6b0133ec2aae6df');
  const cids = numbers(buffer.subarray(44));
  assert.equal(buffer.readUInt32LE(40), cids.length);
  assert.ok([1, 2, 3, 4, 9, 10, 11, 12, 15, 16].every((cid) => cids.includes(cid)));
});

test('what it does not know is refused: a command, a service', () => {
  const host = opened();
  assert.equal(host.query(99).status, 9);
  const sms = Buffer.from('533fbeeb14fe44679f9033a223e56c3f', 'hex');
  assert.equal(host.send(encodeCommand(5, 1, false, Buffer.alloc(0), sms))?.status, 9);
});

test('the SIM: ready with its numbers; locked until the PIN, and news of that', () => {
  const host = opened({ pin: { state: 'required', pin: '1111' } });
  const ready = () => {
    const { buffer } = host.query(READY);
    return [buffer.readUInt32LE(0), textAt(buffer, 4), textAt(buffer, 12)];
  };
  assert.deepEqual(ready(), [6, '', '89860000000000000001']);
  assert.deepEqual(numbers(host.query(PIN).buffer), [2, 1, 3]);
  assert.equal(host.query(HOME).status, 5);
  const enter = (pin: string) => host.set(PIN, withTexts(2, 0, pin, ''));
  const wrong = enter('9999');
  assert.deepEqual([wrong.status, numbers(wrong.buffer)], [2, [2, 1, 2]]);
  assert.deepEqual([enter('1111').status, numbers(enter('1111').buffer)], [0, []]);
  assert.deepEqual(ready(), [1, '001010123456789', '89860000000000000001']);
  assert.equal(host.indications(READY).at(-1)?.readUInt32LE(0), 1);
  assert.equal(host.indications(REGISTER).at(-1)?.readUInt32LE(4), 3);
  assert.doesNotMatch(JSON.stringify(host.log.events), /1111|9999/);
});

test('three wrong PINs ask for the PUK, which sets a new one; change, disable', () => {
  const host = opened({ pin: { state: 'required', pin: '1111' } });
  const pin = (type: number, operation: number, first: string, second = '') =>
    host.set(PIN, withTexts(type, operation, first, second));
  for (let n = 0; n < 2; n += 1) pin(2, 0, '0000');
  const last = pin(2, 0, '0000');
  assert.deepEqual([last.status, numbers(last.buffer)], [2, [11, 1, 10]]);
  assert.equal(pin(11, 0, '12345678', '2222').status, 0);
  assert.equal(pin(2, 3, '2222', '3333').status, 0);
  assert.equal(pin(2, 2, '3333').status, 0);
  assert.deepEqual(numbers(host.query(PIN).buffer), [2, 0, 3]);
  assert.deepEqual(numbers(host.query(5).buffer, 5), [2, 1, 4, 8, 0]);
  assert.equal(pin(2, 9, '3333').status, 21);
  assert.equal(pin(3, 0, '3333').status, 9);
  assert.equal(host.set(PIN, words(2, 0)).status, 21);
});

test('no SIM', () => {
  const host = opened({ sim: 'absent' });
  assert.equal(host.query(READY).buffer.readUInt32LE(0), 2);
  assert.deepEqual([host.query(PIN).status, host.set(PIN, withTexts(2, 0, '1', '')).status], [3, 3]);
});

test('registered: home or roaming, the network, LTE, attached; denied with its cause', () => {
  const host = opened();
  const { buffer } = host.query(REGISTER);
  assert.deepEqual(numbers(buffer, 5), [0, 3, 1, 0x20, 1]);
  assert.deepEqual(
    [textAt(buffer, 20), textAt(buffer, 28), textAt(buffer, 36)],
    ['00101', 'Test Mobile', ''],
  );
  assert.deepEqual(numbers(host.query(PACKET).buffer, 3), [0, 2, 0x20]);
  assert.deepEqual(numbers(host.query(SIGNAL).buffer), [23, 99, 30, 1, 1]);
  assert.equal(opened({ roaming: true }).query(REGISTER).buffer.readUInt32LE(4), 4);
  assert.deepEqual(numbers(opened({ registrationDenied: true }).query(REGISTER).buffer, 2), [11, 6]);
  assert.deepEqual(numbers(opened({ signal: { appearsAfterMs: 9000 } }).query(SIGNAL).buffer, 2), [99, 99]);
});

test('registering by hand with the network that is there, with another, automatically', () => {
  const host = opened();
  const register = (plmn: string, action: number) => host.set(REGISTER, withTexts(plmn, action, 0x20));
  assert.deepEqual(numbers(register('00101', 1).buffer, 3), [0, 3, 2]);
  assert.equal(register('26201', 1).status, 8);
  assert.deepEqual(numbers(register('', 0).buffer, 3), [0, 3, 1]);
  assert.equal(register('', 7).status, 21);
  const found = host.query(VISIBLE, words(0)).buffer;
  const provider = found.subarray(found.readUInt32LE(4));
  assert.deepEqual(
    [found.readUInt32LE(0), textAt(provider, 0), provider.readUInt32LE(8), textAt(provider, 12)],
    [1, '00101', 25, 'Test Mobile'],
  );
});

test('the radio switch ends registration; the host hears of it', () => {
  const host = opened();
  assert.deepEqual(numbers(host.set(RADIO, words(0)).buffer), [1, 0]);
  assert.equal(host.core.radio.registration, 'off');
  assert.equal(host.indications(REGISTER).at(-1)?.readUInt32LE(4), 1);
  assert.equal(host.query(VISIBLE).status, 20);
  assert.deepEqual(numbers(host.set(RADIO, words(1)).buffer), [1, 1]);
  assert.equal(host.set(RADIO, words(5)).status, 21);
});

test('the packet service detaches and attaches', () => {
  const host = opened();
  assert.equal(host.set(PACKET, words(1)).buffer.readUInt32LE(4), 4);
  assert.equal(host.set(PACKET, words(0)).buffer.readUInt32LE(4), 2);
  assert.equal(opened({ registrationDelayMs: 9000 }).set(PACKET, words(0)).status, 7);
});

test('a command in fragments is joined; one out of order is an error', () => {
  const host = opened();
  const whole = encodeCommand(9, RADIO, true, words(0));
  const fragment = (current: number, part: Buffer) =>
    Buffer.concat([words(3, 20 + part.length, 9, 2, current), part]);
  const [first, second] = [whole.subarray(20, 40), whole.subarray(40)];
  assert.equal(host.send(fragment(0, first)), undefined);
  assert.equal(host.send(fragment(1, second))?.status, 0);
  assert.equal(host.core.radio.online, false);
  assert.deepEqual(
    [host.send(fragment(1, second))?.type, host.send(fragment(1, second))?.status],
    [0x8000_0004, 2],
  );
  assert.equal(host.send(words(3, 99, 9))?.status, 3);
});

test('any bytes are survived, and any command is answered', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 100 })),
      fc.integer({ min: 0, max: 30 }),
      fc.boolean(),
      fc.uint8Array({ maxLength: 80 }),
      (rubbish, command, isSet, buffer) => {
        const host = createMbimHost();
        const split = createMbimSplitter((message) => host.core.control.input(message));
        for (const bytes of rubbish) {
          split(Buffer.from(bytes));
          host.core.control.input(Buffer.from(bytes));
        }
        host.open();
        const answer = isSet
          ? host.set(command, Buffer.from(buffer))
          : host.query(command, Buffer.from(buffer));
        assert.equal(answer.type, 0x8000_0003);
      },
    ),
    { numRuns: 300 },
  );
});

test('messages come out of a stream however it is cut', () => {
  const messages = [words(1, 16, 1, 4096), encodeCommand(2, CAPS, false, Buffer.alloc(0)), words(2, 12, 3)];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sizes) => {
      const got: string[] = [];
      const split = createMbimSplitter((each) => got.push(each.toString('hex')));
      const stream = Buffer.concat(messages);
      for (let at = 0, n = 0; at < stream.length; n += 1) {
        const size = sizes[n % sizes.length] ?? 1;
        split(stream.subarray(at, at + size));
        at += size;
      }
      assert.deepEqual(
        got,
        messages.map((each) => each.toString('hex')),
      );
    }),
  );
});
