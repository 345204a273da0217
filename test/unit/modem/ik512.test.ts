import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeIpv4, parseIpv4 } from '../../../src/modem/network/ethernet.ts';
import { encodeNtb, parseNtb } from '../../../src/modem/ntb.ts';
import { encodeConfiguration, encodeDeviceDescriptor } from '../../../src/modem/usb/descriptors.ts';
import { IK512_USB } from '../../../src/modem/usb/ik512-layout.ts';
import { MESSAGE } from '../../../src/modem/usbredir/protocol.ts';
import { encodeCommand, withTexts, words } from '../../helpers/mbim-host.ts';
import { createStickOnBus, type StickOnBus } from '../../helpers/stick.ts';

test('the descriptors are those of the listed stick: three serial ports, MBIM with two settings of its data', () => {
  assert.equal(
    encodeDeviceDescriptor(IK512_USB.layout).toString('hex'),
    '1201000200000040bb1b30050405030200 01'.replace(' ', ''),
  );
  assert.equal(
    encodeConfiguration(IK512_USB.layout).toString('hex'),
    [
      '0902aa00050101c0fa',
      '0904000003ffff4000 07050102000200 07058102000200 070582030a0009',
      '0904010002ffff3000 07050202000200 07058302000200',
      '0904020003ffff4000 07050302000200 07058402000200 070585030a0009',
      '0904030001020e0000 0524001001 0524060304 0c241b000100101040000820 08241c000140dc05 07058603400009',
      '0904040000 0a000200',
      '0904040102 0a000200 07050f02000200 07058e02000200',
    ]
      .join('')
      .replaceAll(' ', ''),
  );
});

function ask({ peer, clock }: StickOnBus, message: Buffer): Buffer {
  peer.control({ requestType: 0x21, request: 0, index: 3 }, message);
  clock.advance(200);
  return peer.control({ requestType: 0xa1, request: 1, index: 3, length: 4096 }).data;
}

function dial(on: StickOnBus) {
  ask(on, words(1, 16, 1, 4096));
  ask(on, encodeCommand(2, 12, true, withTexts(0, 1, 'internet', '', '', 0, 0, 1, 0, 0, 0, 0)));
}

/** A block as cdc_mbim sends it: header, packets at multiples of four, then their table. */
function block(...packets: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [Buffer.alloc(12)];
  const table: number[] = [];
  let end = 12;
  for (const packet of packets) {
    table.push(end, packet.length);
    const padded = Buffer.alloc((packet.length + 3) & ~3);
    packet.copy(padded);
    parts.push(padded);
    end += padded.length;
  }
  const pointers = Buffer.alloc(12 + 4 * packets.length);
  pointers.write('IPS\0', 'latin1');
  pointers.writeUInt16LE(pointers.length, 4);
  for (const [at, value] of table.entries()) pointers.writeUInt16LE(value, 8 + 2 * at);
  const whole = Buffer.concat([...parts, pointers]);
  whole.write('NCMH', 'latin1');
  whole.writeUInt16LE(12, 4);
  whole.writeUInt16LE(whole.length, 8);
  whole.writeUInt16LE(end, 10);
  return whole;
}

test('the endpoints of the data interface appear with its setting 1', () => {
  const on = createStickOnBus({}, { device: 'mbim' });
  const types = () => {
    const info = on.peer.messages.filter(({ type }) => type === MESSAGE.ep_info).at(-1)?.payload;
    return [info?.[0x0f], info?.[0x1e], info?.[0x16]];
  };
  assert.deepEqual(types(), [255, 255, 3]);
  on.peer.ask(MESSAGE.set_alt_setting, 5n, Buffer.from([4, 1]));
  assert.deepEqual(types(), [2, 2, 3]);
  assert.deepEqual(on.peer.types().slice(-2), [MESSAGE.ep_info, MESSAGE.alt_setting_status]);
  on.peer.ask(MESSAGE.set_alt_setting, 6n, Buffer.from([4, 0]));
  assert.deepEqual(types(), [255, 255, 3]);
});

test('NCM: the parameters of its blocks, and the requests around them', () => {
  const on = createStickOnBus({}, { device: 'mbim' });
  const parameters = on.peer.control({ requestType: 0xa1, request: 0x80, index: 3, length: 28 });
  assert.equal(
    parameters.data.toString('hex'),
    '1c000100 00400000 0400 0000 0400 0000 00400000 0400 0000 0400 0000'.replaceAll(' ', ''),
  );
  for (const request of [0x05, 0x84, 0x86, 0x88, 0x8a])
    assert.equal(on.peer.control({ requestType: 0x21, request, index: 3 }).status, 0);
  const stick = createStickOnBus();
  assert.notEqual(stick.peer.control({ requestType: 0xa1, request: 0x80, index: 1, length: 28 }).status, 0);
});

test('two pings in one block; each answer in a block of its own, with its number', () => {
  const on = createStickOnBus({}, { device: 'mbim' });
  dial(on);
  const ends = { source: '10.64.64.10', target: '10.64.64.9', protocol: 1 };
  const ping = (id: number, sum: number) => {
    const payload = Buffer.from([8, 0, sum >> 8, sum & 0xff, 0, id, 0, 0]);
    return encodeIpv4({ ...ends, payload }, id);
  };
  on.peer.bulkOut(0x0f, block(ping(1, 0xf7fe), ping(2, 0xf7fd)));
  for (const [at, id] of [1, 2].entries()) {
    const answer = on.peer.bulkAnswer(on.peer.bulkIn(0x8e, 16_384))?.data ?? Buffer.alloc(0);
    assert.equal(answer.toString('latin1', 0, 4), 'NCMH');
    assert.deepEqual(
      [4, 6, 8, 10, 16, 18, 20, 22, 24, 26].map((each) => answer.readUInt16LE(each)),
      [12, at, answer.length, 12, 16, 0, 28, 28, 0, 0],
    );
    assert.equal(answer.toString('latin1', 12, 15), 'IPS');
    assert.deepEqual(parseIpv4(answer.subarray(28))?.payload[5], id);
  }
  assert.deepEqual(
    on.events('lease').map(({ what }) => what),
    ['bound'],
  );
});

test('what is no block is dropped, with an event', () => {
  const on = createStickOnBus({}, { device: 'mbim' });
  dial(on);
  on.peer.bulkOut(0x0f, Buffer.alloc(60, 1));
  assert.equal(on.events('drop')[0]?.why, 'not a block of packets');
});

test('a block read back is the packet; packets of other sessions and broken tables give nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 1500 }), (bytes) => {
      const packet = Buffer.from(bytes);
      assert.deepEqual(parseNtb(encodeNtb(packet, 1)), [packet]);
      assert.deepEqual(parseNtb(block(packet, packet)), [packet, packet]);
    }),
  );
  const other = block(Buffer.from('abcd'));
  other.write('IPS\x01', other.readUInt16LE(10), 'latin1');
  assert.deepEqual(parseNtb(other), []);
  const broken = block(Buffer.from('abcd'));
  broken.writeUInt16LE(60_000, 10);
  assert.equal(parseNtb(broken), undefined);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void parseNtb(Buffer.from(bytes))));
});
