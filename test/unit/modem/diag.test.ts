import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc16, createDiagPort } from '../../../src/modem/diag.ts';
import { createStickOnBus } from '../../helpers/stick.ts';

function createPort() {
  const answers: string[] = [];
  const port = createDiagPort('E397u-53', (bytes) => answers.push(bytes.toString('hex')));
  return { answers, ask: (hex: string) => port.input(Buffer.from(hex, 'hex')) };
}

/** An answer without framing, escapes and checksum, which is checked. */
function read(hex: string): Buffer {
  const frame = Buffer.from(hex, 'hex');
  assert.equal(frame.at(-1), 0x7e);
  const bytes: number[] = [];
  for (let at = 0; at < frame.length - 1; at += 1) {
    const byte = frame.readUInt8(at);
    if (byte === 0x7d) {
      at += 1;
      bytes.push(frame.readUInt8(at) ^ 0x20);
    } else bytes.push(byte);
  }
  const whole = Buffer.from(bytes);
  assert.equal(whole.readUInt16LE(whole.length - 2), crc16(whole.subarray(0, -2)));
  return whole.subarray(0, -2);
}

test('the check sequence is that of HDLC', () => {
  assert.equal(crc16(Buffer.from('123456789')), 0x906e);
  assert.equal(crc16(Buffer.from([0])), 0xf078);
});

test('libqcdm asks for the version and is answered with 54 bytes, after any rubbish', () => {
  const { answers, ask } = createPort();
  ask('41540d7e');
  ask('7e00');
  assert.deepEqual(answers, []);
  ask('78f07e');
  const version = read(answers[0] ?? '');
  assert.equal(version.length, 55);
  assert.equal(version[0], 0);
  assert.equal(version.toString('latin1', 39, 47), 'E397u-53');
});

test('a command nobody knows is refused by name, escaped bytes and all', () => {
  const { answers, ask } = createPort();
  // 7e 7d as a command, with its own checksum.
  const crc = crc16(Buffer.from('7e7d', 'hex'));
  const toHex = (byte: number) =>
    (byte === 0x7e || byte === 0x7d ? [0x7d, byte ^ 0x20] : [byte])
      .map((each) => each.toString(16).padStart(2, '0'))
      .join('');
  ask(`7d5e7d5d${toHex(crc & 0xff)}${toHex(crc >> 8)}7e`);
  assert.equal(read(answers[0] ?? '').toString('hex'), '137e7d');
});

test('any bytes are survived, and the version is answered after them', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (chunks) => {
      const { answers, ask } = createPort();
      for (const chunk of chunks) ask(Buffer.from(chunk).toString('hex'));
      ask('7e0078f07e');
      assert.equal(read(answers.at(-1) ?? '')[0], 0);
    }),
  );
});

test('the diag port of the stick answers on its endpoint', () => {
  const { peer } = createStickOnBus();
  peer.bulkOut(0x03, Buffer.from('7e0078f07e', 'hex'));
  assert.equal(read(peer.bulkAnswer(peer.bulkIn(0x85, 512))?.data.toString('hex') ?? '')[0], 0);
});
