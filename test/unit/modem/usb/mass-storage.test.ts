import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MESSAGE, STATUS } from '../../../../src/modem/usbredir/protocol.ts';
import { createStickOnBus, type StickOnBus } from '../../../helpers/stick.ts';

const IN = 0x81;
const OUT = 0x01;

/** A command block wrapper; the length byte is the command's unless given. */
function cbw(tag: number, wanted: number, cdb: string, toHost = true): Buffer {
  const block = Buffer.alloc(31);
  const command = Buffer.from(cdb.replaceAll(' ', ''), 'hex');
  block.writeUInt32LE(0x43425355, 0);
  block.writeUInt32LE(tag, 4);
  block.writeUInt32LE(wanted, 8);
  block[12] = toHost ? 0x80 : 0;
  block[14] = command.length;
  command.copy(block, 15);
  return block;
}

/** Runs one command as the kernel does: command, data, status; a stall is cleared. */
function run({ peer }: StickOnBus, wanted: number, cdb: string): { data: Buffer | 'stall'; csw: string } {
  peer.bulkOut(OUT, cbw(7, wanted, cdb));
  let data: Buffer | 'stall' = Buffer.alloc(0);
  if (wanted > 0) {
    const answer = peer.bulkAnswer(peer.bulkIn(IN, wanted));
    if (answer?.status === STATUS.stall) {
      data = 'stall';
      peer.control({ requestType: 0x02, request: 1, value: 0, index: IN });
    } else data = answer?.data ?? Buffer.alloc(0);
  }
  return { data, csw: peer.bulkAnswer(peer.bulkIn(IN, 13))?.data.toString('hex') ?? '' };
}

/** Signature, tag 7, residue, status. */
function csw(residue: number, status: number): string {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32LE(0x53425355, 0);
  bytes.writeUInt32LE(7, 4);
  bytes.writeUInt32LE(residue, 8);
  bytes[12] = status;
  return bytes.toString('hex');
}

test('INQUIRY: a removable CD-ROM by HUAWEI', () => {
  const { data, csw: status } = run(createStickOnBus({ factoryMode: true }), 36, '12 00 00 00 24 00');
  assert.equal(data.toString('latin1', 8), 'HUAWEI  Mass Storage    2.31');
  assert.equal((data as Buffer).subarray(0, 8).toString('hex'), '058002021f000000');
  assert.equal(status, csw(0, 0));
});

for (const [name, wanted, cdb, data, residue, status] of [
  ['TEST UNIT READY', 0, '00', '', 0, 0],
  ['READ CAPACITY', 8, '25', '0000003f00000800', 0, 0],
  ['READ TOC', 12, '43 00 00 00 00 00 00 00 0c', '001201010014010000000000', 0, 0],
  ['PREVENT MEDIUM REMOVAL', 0, '1e 00 00 00 01', '', 0, 0],
  ['MODE SENSE(6) is shorter than asked for', 192, '1a 00 3f 00 c0', '170080002a120000000020', 168, 0],
  ['GET CONFIGURATION is not known', 16, '46', 'stall', 16, 1],
  ['READ beyond the end', 2048, '28 00 00 00 00 40 00 00 01', 'stall', 2048, 1],
] as const) {
  test(`${name}`, () => {
    const got = run(createStickOnBus({ factoryMode: true }), wanted, cdb);
    const shown = got.data === 'stall' ? 'stall' : got.data.toString('hex');
    assert.ok(shown.startsWith(data), shown);
    assert.equal(got.csw, csw(residue, status));
  });
}

test('a refusal leaves its sense, once', () => {
  const on = createStickOnBus({ factoryMode: true });
  run(on, 0, '46');
  const sense = () => (run(on, 18, '03 00 00 00 12').data as Buffer).toString('hex');
  assert.equal(sense(), '700005000000000a00000000200000000000');
  assert.equal(sense(), '700000000000000a'.padEnd(36, '0'));
});

test('READ gives the ISO volume', () => {
  const { data } = run(createStickOnBus({ factoryMode: true }), 2048, '28 00 00 00 00 10 00 00 01');
  assert.equal(data.toString('latin1', 1, 6), 'CD001');
});

test('data towards the modem is accepted, then refused', () => {
  const { peer } = createStickOnBus({ factoryMode: true });
  peer.bulkOut(OUT, cbw(7, 512, '2a 00 00 00 00 00 00 00 01', false));
  peer.bulkOut(OUT, Buffer.alloc(512));
  assert.equal(peer.bulkAnswer(peer.bulkIn(IN, 13))?.data.toString('hex'), csw(512, 1));
});

test('an invalid command halts both endpoints until reset and clear', () => {
  const on = createStickOnBus({ factoryMode: true });
  const { peer } = on;
  peer.bulkOut(OUT, Buffer.alloc(31));
  assert.equal(peer.bulkAnswer(peer.bulkIn(IN, 13))?.status, STATUS.stall);
  assert.equal(peer.bulkAnswer(peer.bulkOut(OUT, cbw(7, 0, '00')))?.status, STATUS.stall);
  assert.equal(peer.control({ requestType: 0x21, request: 0xff }).status, STATUS.success);
  for (const index of [IN, OUT]) peer.control({ requestType: 0x02, request: 1, value: 0, index });
  assert.equal(run(on, 0, '00').csw, csw(0, 0));
});

test("usb_modeswitch's message, with its command length of 0, turns 1505 into 1506", () => {
  const { peer, clock, events } = createStickOnBus({ factoryMode: true });
  const message = Buffer.from('55534243123456780000000000000011062000000101000100000000000000', 'hex');
  peer.bulkOut(OUT, message);
  const status = peer.bulkAnswer(peer.bulkIn(IN, 13))?.data.toString('hex');
  assert.equal(status, '55534253123456780000000000');
  clock.advance(100);
  assert.equal(peer.messages.at(-1)?.type, MESSAGE.device_disconnect);
  clock.advance(1600);
  assert.equal(peer.messages.at(-1)?.type, MESSAGE.device_connect);
  assert.equal(peer.messages.at(-1)?.payload.readUInt16LE(6), 0x1506);
  assert.deepEqual(
    events('usb').map((event) => ('id' in event ? event.id : event.what)),
    ['12d1:1505', 'mode-switch', '12d1:1506'],
  );
});

test('in modem mode interface 5 is the CD-ROM and 6 an empty card slot', () => {
  const { peer } = createStickOnBus();
  peer.bulkOut(0x06, cbw(7, 0, '00'));
  assert.equal(peer.bulkAnswer(peer.bulkIn(0x88, 13))?.data.toString('hex'), csw(0, 1));
  peer.bulkOut(0x06, cbw(7, 18, '03 00 00 00 12'));
  const sense = peer.bulkAnswer(peer.bulkIn(0x88, 18))?.data;
  assert.deepEqual([sense?.[2], sense?.[12]], [2, 0x3a]);
  assert.equal(
    peer.control({ requestType: 0xa1, request: 0xfe, index: 5, length: 1 }).data.toString('hex'),
    '00',
  );
});

test('any commands are survived', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(5000), fc.boolean())),
      (all) => {
        const { peer } = createStickOnBus({ factoryMode: true });
        for (const [cdb, wanted, toHost] of all) {
          peer.bulkOut(OUT, cbw(1, wanted, Buffer.from(cdb).toString('hex'), toHost));
          if (toHost) peer.bulkIn(IN, wanted);
        }
      },
    ),
    { numRuns: 200 },
  );
});
