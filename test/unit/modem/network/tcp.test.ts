import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BehaviourInput } from '../../../../src/modem/behaviour.ts';
import { createCarrierClient, type TcpSegment } from '../../../helpers/carrier-client.ts';

const REQUEST = 'GET /status HTTP/1.1\r\nHost: example.org\r\n\r\n';

/** A small TCP client that fetches one page; `lost` says which packet, either way, does not arrive. */
function fetchPage(behaviour: BehaviourInput, request: string, lost: (packet: number) => boolean, port = 80) {
  const client = createCarrierClient(behaviour);
  const start = 0xffff_fff0; // sequence numbers wrap within the request
  let packets = 0;
  let sent = 0;
  let phase: 'opening' | 'open' | 'closed' | 'refused' = 'opening';
  let received = '';
  let expected = 0;
  let closing = false;

  const send = (flags: string, data = '', offset = sent) => {
    if (lost(packets++)) return;
    const sequence = start + (phase === 'opening' ? 0 : 1 + offset);
    client.tcp({ from: 40_000, to: port, sequence, acknowledgement: expected, flags, data });
  };
  const repeat = () => {
    if (phase === 'opening') send('S');
    else if (phase === 'open' && !closing) send('AP', request, 0);
    else if (phase === 'open') send('AF', '', request.length);
  };
  const take = (segment: TcpSegment) => {
    if (segment.flags.includes('R')) phase = 'refused';
    if (segment.flags.includes('S') && phase === 'opening') {
      phase = 'open';
      expected = (segment.sequence + 1) >>> 0;
      repeat();
    } else if (phase === 'open' && segment.sequence === expected) {
      received += segment.data;
      expected = (expected + segment.data.length) >>> 0;
      sent = request.length;
      if (segment.flags.includes('F')) {
        expected = (expected + 1) >>> 0;
        closing = true;
        repeat();
      } else if (segment.data !== '') send('A');
    } else if (phase === 'open' && segment.data !== '') send('A', '', request.length);
    const done = (start + 1 + request.length + 1) >>> 0;
    if (closing && segment.acknowledgement === done) phase = 'closed';
  };

  repeat();
  for (let round = 0; round < 60 && (phase === 'opening' || phase === 'open'); round += 1) {
    while (client.frames.length > 0) {
      const segment = client.takeTcp();
      if (segment !== undefined && !lost(packets++)) take(segment);
    }
    client.clock.advance(500);
    if (client.frames.length === 0) repeat();
  }
  client.clock.advance(200_000);
  const events = client.log.events.filter((event) => event.type === 'tcp' || event.type === 'http');
  return { phase, received, events };
}

test('one page', () => {
  const { phase, received, events } = fetchPage({}, REQUEST, () => false);
  assert.equal(phase, 'closed');
  assert.equal(
    received,
    'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\nConnection: close\r\n\r\nonline\n',
  );
  assert.deepEqual(
    events.map((event) =>
      event.type === 'http' ? `${event.method} ${event.host}${event.path} ${event.status}` : event.what,
    ),
    ['open', 'established', 'GET example.org/status 200', 'closed'],
  );
});

test("NetworkManager's own check of a connection is answered as it wants, and is no page that somebody fetched", () => {
  const request = 'GET /nm HTTP/1.1\r\nHost: network-test.debian.org\r\n\r\n';
  const { received, events } = fetchPage({}, request, () => false);
  assert.match(received, /\r\nX-NetworkManager-Status: online\r\n/);
  assert.ok(!events.some(({ type }) => type === 'http'));
});

test('no segment is longer than the peer takes, or than the usual where it names nothing', () => {
  const options = (text: string) => Buffer.from(text, 'hex');
  for (const [mss, longest] of [
    [options('020404ec'), 1260],
    [options('0101020404ec0402'), 1260],
    [options('020405b4'), 1400],
    [options('02040000'), 48],
    [options('01010102'), 536],
    [options('01010200'), 536],
    [options('00000000020404ec'), 536],
    [options(''), 536],
  ] as const) {
    const client = createCarrierClient({ network: { httpBody: '0123456789'.repeat(2000) } });
    client.tcp({ from: 40_000, to: 80, sequence: 9, acknowledgement: 0, flags: 'S', data: '', options: mss });
    const sequence = client.takeTcp()?.sequence ?? 0;
    client.tcp({
      from: 40_000,
      to: 80,
      sequence: 10,
      acknowledgement: sequence + 1,
      flags: 'A',
      data: REQUEST,
    });
    const lengths: number[] = [];
    for (let next = client.takeTcp(); next !== undefined; next = client.takeTcp())
      lengths.push(next.data.length);
    assert.equal(Math.max(...lengths), longest, mss.toString('hex'));
  }
});

test('a page of many segments', () => {
  const httpBody = '0123456789'.repeat(2000);
  const { received } = fetchPage({ network: { httpBody } }, REQUEST, () => false);
  assert.ok(received.endsWith(httpBody));
});

for (const [what, request, status] of [
  ['HEAD has no body', 'HEAD / HTTP/1.0\r\n\r\n', 200],
  ['another method', 'POST / HTTP/1.1\r\n\r\n', 501],
  ['not HTTP', '\x16\x03\x01 hello\r\n\r\n', 400],
] as const) {
  test(`${what}: ${status}`, () => {
    const { received } = fetchPage({}, request, () => false);
    assert.match(received, new RegExp(`^HTTP/1.1 ${status} `));
    if (request.startsWith('HEAD')) assert.ok(received.endsWith('\r\n\r\n'));
  });
}

test('another port is refused', () => {
  assert.equal(fetchPage({}, REQUEST, () => false, 443).phase, 'refused');
});

test('whatever is lost, the page arrives once and whole', () => {
  const httpBody = 'page '.repeat(900);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(14), { maxLength: 6 }), (losses) => {
      const { received, phase } = fetchPage({ network: { httpBody } }, REQUEST, (packet) =>
        losses.includes(packet),
      );
      assert.equal(phase, 'closed');
      assert.equal(received.split('\r\n\r\n')[1], httpBody);
    }),
    { numRuns: 200 },
  );
});

test('a peer that falls silent is given up', () => {
  const { events } = fetchPage({}, REQUEST, (packet) => packet > 2);
  assert.equal(events.at(-1)?.type === 'tcp' && events.at(-1)?.type, 'tcp');
  assert.ok(events.some((event) => event.type === 'tcp' && event.what === 'reset'));
});
