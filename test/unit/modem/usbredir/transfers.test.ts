import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtocolError } from '../../../../src/modem/usbredir/codec.ts';
import { createTransfers, MAX_PENDING, MAX_QUEUED_BYTES } from '../../../../src/modem/usbredir/transfers.ts';

function record() {
  const answers: string[] = [];
  const transfers = createTransfers((endpoint, { id }, outcome) => {
    const what = typeof outcome === 'object' ? outcome.data.toString() : outcome;
    answers.push(`${endpoint.toString(16)}#${id}:${what}`);
  });
  return { answers, transfers };
}

test('a request waits for data, and data for a request', () => {
  const { answers, transfers } = record();
  transfers.request(0x82, { id: 1n, length: 512, stream: 0 });
  transfers.request(0x82, { id: 2n, length: 512, stream: 0 });
  assert.deepEqual(answers, []);
  transfers.send(0x82, Buffer.from('a'));
  transfers.send(0x84, Buffer.from('other'));
  transfers.send(0x82, Buffer.from('b'));
  transfers.send(0x82, Buffer.from('c'));
  transfers.request(0x82, { id: 3n, length: 512, stream: 0 });
  assert.deepEqual(answers, ['82#1:a', '82#2:b', '82#3:c']);
});

test('one transfer answers one request; only what is too long goes on', () => {
  const { answers, transfers } = record();
  transfers.send(0x81, Buffer.from('abcdef'));
  transfers.send(0x81, Buffer.from('gh'));
  for (const id of [1n, 2n, 3n]) transfers.request(0x81, { id, length: 4, stream: 0 });
  assert.deepEqual(answers, ['81#1:abcd', '81#2:ef', '81#3:gh']);
});

test('a cancelled request is answered so, and data waits for the next', () => {
  const { answers, transfers } = record();
  transfers.request(0x82, { id: 1n, length: 512, stream: 0 });
  transfers.cancel(1n);
  transfers.cancel(1n);
  transfers.send(0x82, Buffer.from('a'));
  transfers.request(0x82, { id: 2n, length: 512, stream: 0 });
  assert.deepEqual(answers, ['82#1:cancelled', '82#2:a']);
});

test('a halted endpoint stalls until cleared, and keeps what is queued', () => {
  const { answers, transfers } = record();
  transfers.request(0x81, { id: 1n, length: 13, stream: 0 });
  transfers.halt(0x81);
  transfers.send(0x81, Buffer.from('csw'));
  transfers.request(0x81, { id: 2n, length: 13, stream: 0 });
  transfers.clearHalt(0x81);
  transfers.request(0x81, { id: 3n, length: 13, stream: 0 });
  assert.deepEqual(answers, ['81#1:stall', '81#2:stall', '81#3:csw']);
});

test('neither side can fill the memory', () => {
  const { transfers } = record();
  for (let n = 0; n < MAX_PENDING; n += 1) {
    transfers.request(0x82, { id: BigInt(n), length: 1, stream: 0 });
  }
  assert.throws(() => transfers.request(0x82, { id: 9n, length: 1, stream: 0 }), ProtocolError);
  assert.equal(transfers.send(0x84, Buffer.alloc(MAX_QUEUED_BYTES)), true);
  assert.equal(transfers.send(0x84, Buffer.alloc(1)), false);
  transfers.flush(0x84);
  assert.equal(transfers.send(0x84, Buffer.alloc(1)), true);
});
