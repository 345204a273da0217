import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  createFrameSplitter,
  encodeStreamFrame,
  startEthernetUplink,
} from '../../../src/modem/ethernet-uplink.ts';
import { createTestContext } from '../../helpers/context.ts';

test('frames come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
      (frames, cuts) => {
        const stream = Buffer.concat(frames.map((frame) => encodeStreamFrame(Buffer.from(frame))));
        const got: Buffer[] = [];
        const split = createFrameSplitter((frame) => got.push(Buffer.from(frame)));
        for (let at = 0, n = 0; at < stream.length; n += 1) {
          const next = at + (cuts[n % cuts.length] ?? 1);
          assert.ok(split(stream.subarray(at, next)));
          at = next;
        }
        assert.deepEqual(
          got.map((frame) => [...frame]),
          frames.map((frame) => [...frame]),
        );
      },
    ),
  );
});

test('what cannot be a frame ends the stream, whatever follows', () => {
  const split = createFrameSplitter(() => assert.fail('no frame'));
  assert.equal(split(Buffer.from('ffffffff', 'hex')), false);
  assert.equal(split(encodeStreamFrame(Buffer.alloc(60))), false);
});

test('the router answers for its address, and the socket goes when it closes', async (t) => {
  const { tmpDir } = await createTestContext(t);
  const path = join(tmpDir, 'cable.sock');
  const cable = await startEthernetUplink(path);
  const socket = connect(path);
  await once(socket, 'connect');
  const whoHas = `ffffffffffff525400123456080600010800060400015254001234560a000002000000000000c0a83201`;
  socket.write(encodeStreamFrame(Buffer.from(whoHas, 'hex')));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.equal(answer.readUInt32BE(0), answer.length - 4);
  // ARP reply (2) from 192.168.50.1.
  assert.match(answer.toString('hex'), /08060001080006040002[0-9a-f]{12}c0a83201/);
  socket.destroy();
  await cable.close();
  await cable.close();
  assert.equal(existsSync(path), false);
});
