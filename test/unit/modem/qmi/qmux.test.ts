import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { address, createQmuxSplitter, parseQmux } from '../../../../src/modem/qmi/qmux.ts';
import { createQmiHost, encodeRequest } from '../../../helpers/qmi-host.ts';

test('allocating a WDS client, byte for byte', () => {
  const { core, frames } = createQmiHost();
  core.control.input(Buffer.from('010f00000000000122000400010100 01'.replaceAll(' ', ''), 'hex'));
  assert.equal(
    frames[0]?.toString('hex'),
    '011700800000010122000c000204000000000001020001 01'.replaceAll(' ', ''),
  );
});

test('addresses are numbers, little endian', () => {
  assert.equal(address('10.64.64.9').toString('hex'), '0940400a');
});

for (const [what, hex] of [
  ['empty', ''],
  ['another marker', '020f0000000000012200040001010001'],
  ['a length that does not fit', '01100000000000012200040001010001'],
  ['a response', '010f0000000001012200040001010001'],
  ['no message header', '01050000000000'.slice(0, 12)],
  ['a TLV cut short', '010f0000000000012200040001020001'],
  ['TLVs longer than the frame', '010f0000000000012200050001010001'],
] as const) {
  test(`${what} is not a request`, () => assert.equal(typeof parseQmux(Buffer.from(hex, 'hex')), 'string'));
}

test('frames come out of a stream however it is cut, with rubbish between them', () => {
  const tlvs = fc.dictionary(
    fc.integer({ min: 3, max: 255 }).map(String),
    fc.constantFrom('', '00', 'ffeeddcc'),
    {
      noNullPrototype: true,
    },
  );
  const frame = fc
    .tuple(fc.constantFrom(0, 1, 3), tlvs)
    .map(([service, each]) => encodeRequest(service, 1, 1, 0x20, each));
  const rubbish = fc
    .uint8Array({ maxLength: 5 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 1 ? 2 : byte))));
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(fc.tuple(rubbish, frame)), cuts, (parts, sizes) => {
      const stream = Buffer.concat(parts.flat());
      const got: string[] = [];
      const split = createQmuxSplitter((each) => got.push(each.toString('hex')));
      for (let at = 0, n = 0; at < stream.length; n += 1) {
        const size = sizes[n % sizes.length] ?? 1;
        split(stream.subarray(at, at + size));
        at += size;
      }
      assert.deepEqual(
        got,
        parts.map(([, each]) => each.toString('hex')),
      );
    }),
  );
});

test('any bytes are survived', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
      const { core } = createQmiHost();
      const split = createQmuxSplitter((frame) => core.control.input(frame));
      for (const chunk of chunks) {
        split(Buffer.from(chunk));
        core.control.input(Buffer.from(chunk));
      }
    }),
  );
});

test('any well-formed request is answered', () => {
  const tlvs = fc.dictionary(
    fc.integer({ min: 0, max: 255 }).map(String),
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    { noNullPrototype: true },
  );
  const message = fc.oneof(fc.integer({ min: 0, max: 0x60 }), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 2, 3, 4),
      fc.integer({ min: 0, max: 3 }),
      message,
      tlvs,
      (service, client, number, each) => {
        const host = createQmiHost();
        for (const allocated of [1, 2, 3]) host.client(allocated);
        assert.notEqual(host.ask(service, client, number, each), undefined);
      },
    ),
    { numRuns: 500 },
  );
});
