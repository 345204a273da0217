import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  createDecoder,
  encodeMessage,
  type Message,
  ProtocolError,
} from '../../../../src/modem/usbredir/codec.ts';
import { decodeHello, encodeHello } from '../../../../src/modem/usbredir/packets.ts';
import { MESSAGE, OUR_CAPS } from '../../../../src/modem/usbredir/protocol.ts';

const HELLO = encodeMessage({ type: MESSAGE.hello, id: 0n, payload: encodeHello('peer', 0xff) }, undefined);

test('we announce capabilities 1, 4, 5 and 6', () => {
  assert.equal(OUR_CAPS, 0x72);
});

test('a hello is 80 bytes with a short id', () => {
  assert.equal(HELLO.length, 12 + 68);
  assert.equal(HELLO.subarray(0, 12).toString('hex'), '000000004400000000000000');
  assert.deepEqual(decodeHello(HELLO.subarray(12)), { version: 'peer', caps: 0xff });
});

test('a hello of an old peer has no capabilities', () => {
  assert.deepEqual(decodeHello(Buffer.alloc(64)), { version: '', caps: 0 });
});

test('ids are wide once both sides can', () => {
  const message = { type: MESSAGE.set_configuration, id: 0x1122334455667788n, payload: Buffer.from([1]) };
  assert.equal(encodeMessage(message, 0x72).toString('hex'), '0600000001000000887766554433221101');
  assert.equal(encodeMessage(message, 0).toString('hex'), '06000000010000008877665501');
});

test('any chunking gives the same messages', () => {
  const messages = fc.array(
    fc.record(
      {
        type: fc.integer({ min: 1, max: 110 }),
        id: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
        payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      },
      { noNullPrototype: true },
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (wanted, cuts) => {
      const stream = Buffer.concat([HELLO, ...wanted.map((message) => encodeMessage(message, 0x72))]);
      const got: Message[] = [];
      const decoder = createDecoder();
      for (let at = 0, n = 0; at < stream.length; n += 1) {
        const size = cuts[n % cuts.length] ?? 1;
        decoder.push(Buffer.from(stream.subarray(at, at + size)), (message) => {
          if (message.type === MESSAGE.hello) decoder.caps = 0x72;
          else got.push({ ...message, payload: Buffer.from(message.payload) });
        });
        at += size;
      }
      assert.deepEqual(got, wanted);
    }),
  );
});

test('one byte at a time, thousands of them', () => {
  const decoder = createDecoder();
  const payload = Buffer.alloc(20_000, 7);
  let got = 0;
  const stream = Buffer.concat([HELLO, encodeMessage({ type: 101, id: 1n, payload }, 0x72)]);
  for (const byte of stream) {
    decoder.push(Buffer.from([byte]), (message) => {
      if (message.type === MESSAGE.hello) decoder.caps = 0x72;
      else got = message.payload.length;
    });
  }
  assert.equal(got, 20_000);
});

test('any bytes are messages or a protocol error', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.uint8Array({ maxLength: 400 }), (greeted, bytes) => {
      const decoder = createDecoder();
      if (greeted) decoder.caps = 0x72;
      try {
        decoder.push(Buffer.from(bytes), () => undefined);
      } catch (error) {
        assert.ok(error instanceof ProtocolError);
      }
    }),
  );
});

for (const [what, header] of [
  ['anything before hello', '0600000001000000'],
  ['a hello without end', '00000000ffffff7f'],
] as const) {
  test(`${what} is refused`, () => {
    const bytes = Buffer.concat([Buffer.from(header, 'hex'), Buffer.alloc(8)]);
    assert.throws(() => createDecoder().push(bytes, () => undefined), ProtocolError);
  });
}

test('a message of 2 GB is refused by its header', () => {
  const decoder = createDecoder();
  decoder.caps = 0x72;
  const header = Buffer.from('65000000ffffff7f0000000000000000', 'hex');
  assert.throws(() => decoder.push(header, () => undefined), ProtocolError);
});
