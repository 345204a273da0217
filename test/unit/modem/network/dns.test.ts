import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBehaviour } from '../../../../src/modem/behaviour.ts';
import { createEventLog } from '../../../../src/modem/events.ts';
import { answerDns } from '../../../../src/modem/network/dns.ts';
import { createManualClock } from '../../../helpers/manual-clock.ts';

const { network } = parseBehaviour({
  network: { hosts: { 'www.example.org': '192.0.2.7' }, drops: { dns: ['1.1.1.1'] } },
});

function query(name: string, type: number, flags = 0x0100): Buffer {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  const head = Buffer.from([0xab, 0xcd, flags >> 8, flags & 255, 0, 1, 0, 0, 0, 0, 0, 1]);
  // An OPT record follows, as resolvers add it; it is not echoed.
  return Buffer.concat([
    head,
    Buffer.from([...labels, 0, 0, type, 0, 1]),
    Buffer.from('0000291000000000000000', 'hex'),
  ]);
}

function ask(
  bytes: Buffer,
  server = '10.64.64.9',
): { answer: Buffer | undefined; event: string | undefined } {
  const log = createEventLog(createManualClock());
  const answer = answerDns(bytes, server, network, log);
  const event = log.events.find((each) => each.type === 'dns');
  return { answer, event: event && `${event.name} ${event.query} ${event.answer}` };
}

for (const [name, type, event, address] of [
  ['example.org', 1, 'example.org A 10.64.64.9', '10.64.64.9'],
  ['WWW.Example.ORG', 1, 'www.example.org A 192.0.2.7', '192.0.2.7'],
  ['example.org', 28, 'example.org AAAA none', undefined],
  ['example.org', 16, 'example.org TXT none', undefined],
  // Names of Object's own.
  ['constructor', 1, 'constructor A 10.64.64.9', '10.64.64.9'],
  ['__proto__', 1, '__proto__ A 10.64.64.9', '10.64.64.9'],
  ['nothing.invalid', 1, 'nothing.invalid A no such name', undefined],
] as const) {
  test(event, () => {
    const got = ask(query(name, type));
    assert.equal(got.event, event);
    assert.equal(got.answer?.readUInt16BE(0), 0xabcd);
    assert.equal(got.answer?.readUInt16BE(2), name.endsWith('.invalid') ? 0x8183 : 0x8180);
    assert.deepEqual(
      [4, 6, 8, 10].map((at) => got.answer?.readUInt16BE(at)),
      [1, address === undefined ? 0 : 1, 0, 0],
    );
    if (address !== undefined) assert.equal([...(got.answer?.subarray(-4) ?? [])].join('.'), address);
  });
}

test('another kind of request is not implemented, and an answer is not a question', () => {
  assert.equal(ask(query('example.org', 1, 0x2800)).answer?.readUInt16BE(2), 0xa984);
  assert.equal(ask(query('example.org', 1, 0x8180)).answer, undefined);
  assert.equal(ask(query('example.org', 1).subarray(0, 20)).answer, undefined);
});

test('a name server that the network loses queries to answers nothing, and that is noted', () => {
  assert.deepEqual(ask(query('example.org', 1), '1.1.1.1'), {
    answer: undefined,
    event: 'example.org A lost',
  });
});
