import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeMessage, ProtocolError } from '../../../../src/modem/usbredir/codec.ts';
import { MESSAGE, STATUS } from '../../../../src/modem/usbredir/protocol.ts';
import { createStickOnBus } from '../../../helpers/stick.ts';

const ANNOUNCEMENT = [MESSAGE.ep_info, MESSAGE.interface_info, MESSAGE.device_connect];

test('says hello first, and shows the device once the peer has', () => {
  const { peer } = createStickOnBus({}, { wait: true });
  assert.deepEqual(peer.types(), [MESSAGE.hello]);
  peer.hello();
  assert.deepEqual(peer.types(), [MESSAGE.hello, ...ANNOUNCEMENT]);
  const [, endpoints, interfaces, connect] = peer.messages;
  assert.equal(connect?.payload.toString('hex'), '02ef0201d11206150000');
  assert.equal(interfaces?.payload.length, 132);
  assert.equal(interfaces?.payload.readUInt32LE(0), 7);
  assert.equal(endpoints?.payload.length, 160);
  // Slot of 0x83, the QMI interrupt endpoint: type 3, interval 5, interface 1, 64 bytes.
  assert.equal(endpoints?.payload[16 + 3], 3);
  assert.equal(endpoints?.payload[32 + 16 + 3], 5);
  assert.equal(endpoints?.payload[64 + 16 + 3], 1);
  assert.equal(endpoints?.payload.readUInt16LE(96 + 2 * (16 + 3)), 64);
  assert.equal(endpoints?.payload[15], 255);
});

test('configuration, alternate settings and interrupt receiving are answered with the same id', () => {
  const { peer } = createStickOnBus();
  peer.ask(MESSAGE.set_configuration, 11n, Buffer.from([1]));
  peer.ask(MESSAGE.get_configuration, 12n, Buffer.alloc(0));
  peer.ask(MESSAGE.set_alt_setting, 13n, Buffer.from([2, 0]));
  peer.ask(MESSAGE.get_alt_setting, 14n, Buffer.from([2]));
  peer.ask(MESSAGE.start_interrupt_receiving, 15n, Buffer.from([0x83]));
  peer.ask(MESSAGE.stop_interrupt_receiving, 16n, Buffer.from([0x83]));
  const answers = peer.messages.slice(4).map(({ type, id, payload }) => [type, id, payload.toString('hex')]);
  assert.deepEqual(answers, [
    [MESSAGE.configuration_status, 11n, '0001'],
    [MESSAGE.configuration_status, 12n, '0001'],
    [MESSAGE.alt_setting_status, 13n, '000200'],
    [MESSAGE.alt_setting_status, 14n, '000200'],
    [MESSAGE.interrupt_receiving_status, 15n, '0083'],
    [MESSAGE.interrupt_receiving_status, 16n, '0083'],
  ]);
});

test('a request the device does not have is stalled', () => {
  const { peer, events } = createStickOnBus();
  assert.equal(peer.control({ requestType: 0xc0, request: 0x55, length: 4 }).status, STATUS.stall);
  assert.ok(events('usb').some((event) => event.what === 'stall'));
});

test('IN answers are cut to the requested length', () => {
  const { peer } = createStickOnBus();
  const { data } = peer.control({ requestType: 0x80, request: 6, value: 0x0200, length: 9 });
  assert.equal(data.length, 9);
});

test('closing a tty cancels what it waits for', () => {
  const { peer } = createStickOnBus();
  const id = peer.bulkIn(0x82, 512);
  assert.equal(peer.bulkAnswer(id), undefined);
  peer.ask(MESSAGE.cancel_data_packet, id, Buffer.alloc(0));
  assert.equal(peer.bulkAnswer(id)?.status, STATUS.cancelled);
});

test('pulled and plugged again on one connection', () => {
  const { peer, stick } = createStickOnBus();
  const pending = peer.bulkIn(0x82, 512);
  stick.unplug();
  assert.equal(peer.messages.at(-1)?.type, MESSAGE.device_disconnect);
  // What was under way when it was pulled gets no answer.
  peer.ask(MESSAGE.cancel_data_packet, pending, Buffer.alloc(0));
  peer.ask(MESSAGE.get_configuration, 5n, Buffer.alloc(0));
  assert.equal(peer.messages.at(-1)?.type, MESSAGE.device_disconnect);
  stick.plug();
  assert.deepEqual(peer.types().slice(-3), ANNOUNCEMENT);
});

test('nothing is said to a peer that has closed', () => {
  const { peer, session, stick } = createStickOnBus();
  const before = peer.messages.length;
  session.close();
  stick.core.modem.input(Buffer.from('AT\r'));
  stick.unplug();
  assert.equal(peer.messages.length, before);
});

test('any message after the hello is answered, ignored or a protocol error', () => {
  const types = fc.oneof(fc.constantFrom(...Object.values(MESSAGE)), fc.nat());
  const message = fc.record({
    type: types,
    id: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
    payload: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), fc.boolean(), (messages, factoryMode) => {
      const { session, clock } = createStickOnBus({ factoryMode });
      try {
        for (const each of messages) session.receive(encodeMessage(each, 0x72));
        clock.advance(5000);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
      }
    }),
    { numRuns: 300 },
  );
});
