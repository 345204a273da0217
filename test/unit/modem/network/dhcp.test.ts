import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type CarrierClient,
  CLIENT,
  CLIENT_MAC,
  createCarrierClient,
  GATEWAY,
} from '../../../helpers/carrier-client.ts';

const TYPE = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6, release: 7, inform: 8 } as const;

interface Options {
  readonly type: number;
  readonly requested?: string;
  readonly server?: string;
  readonly ciaddr?: string;
  readonly broadcast?: boolean;
  readonly hostName?: string;
}

const bytes = (address: string) => Buffer.from(address.split('.').map(Number));
const option = (code: number, value: Buffer) => Buffer.concat([Buffer.from([code, value.length]), value]);

function send(client: CarrierClient, options: Options) {
  const fixed = Buffer.alloc(240);
  Buffer.from([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]).copy(fixed);
  if (options.broadcast === true) fixed[10] = 0x80;
  bytes(options.ciaddr ?? '0.0.0.0').copy(fixed, 12);
  CLIENT_MAC.copy(fixed, 28);
  fixed.writeUInt32BE(0x63825363, 236);
  const data = Buffer.concat([
    fixed,
    option(53, Buffer.from([options.type])),
    Buffer.from([0]), // padding between options is legal
    ...(options.requested === undefined ? [] : [option(50, bytes(options.requested))]),
    ...(options.server === undefined ? [] : [option(54, bytes(options.server))]),
    ...(options.hostName === undefined ? [] : [option(12, Buffer.from(options.hostName))]),
    Buffer.from([255]),
  ]);
  const renewing = options.ciaddr !== undefined;
  const ends = renewing ? {} : { source: '0.0.0.0', target: '255.255.255.255' };
  client.udp({ from: 68, to: 67 }, data, ends);
}

/** The next answer: type, address, options in hex, and where it was sent. */
function take(client: CarrierClient) {
  const packet = client.takeIp();
  if (packet === undefined) return undefined;
  const data = packet.payload.subarray(8);
  const options: Record<number, string> = {};
  for (let at = 240; data[at] !== 255; at += 2 + (data[at + 1] ?? 0)) {
    options[data[at] ?? 0] = data.subarray(at + 2, at + 2 + (data[at + 1] ?? 0)).toString('hex');
  }
  const yiaddr = [...data.subarray(16, 20)].join('.');
  return {
    type: Number.parseInt(options[53] ?? '', 16),
    yiaddr,
    options,
    target: packet.target,
    length: data.length,
  };
}

const leases = (client: CarrierClient) =>
  client.log.events.filter((event) => event.type === 'lease').map((event) => event.what);

test('discover, offer, request, acknowledge, renew, release', () => {
  const client = createCarrierClient({ network: { dns: ['10.64.64.9', '192.0.2.53'], leaseSeconds: 3600 } });
  send(client, { type: TYPE.discover, hostName: 'raspberrypi' });
  const offer = take(client);
  assert.deepEqual([offer?.type, offer?.yiaddr, offer?.target], [TYPE.offer, CLIENT, CLIENT]);
  send(client, { type: TYPE.request, requested: CLIENT, server: GATEWAY });
  const ack = take(client);
  assert.deepEqual(ack?.options, {
    53: '05',
    54: '0a404009',
    51: '00000e10',
    1: 'fffffffc',
    3: '0a404009',
    6: '0a404009c0000235',
    26: '05dc',
  });
  assert.ok((ack?.length ?? 0) >= 300);
  send(client, { type: TYPE.request, ciaddr: CLIENT });
  assert.equal(take(client)?.type, TYPE.ack);
  send(client, { type: TYPE.release, ciaddr: CLIENT, server: GATEWAY });
  assert.equal(take(client), undefined);
  assert.deepEqual(leases(client), ['bound', 'renewed', 'released']);
  assert.deepEqual(client.log.events[0], {
    t: 0,
    type: 'dhcp',
    received: 'discover',
    sent: 'offer',
    address: '0.0.0.0',
    hostName: 'raspberrypi',
  });
});

for (const [what, options, type] of [
  ['another address', { requested: '10.0.0.5', server: GATEWAY }, TYPE.nak],
  ['an address of an old lease', { requested: '192.168.1.20' }, TYPE.nak],
  ["another server's offer", { requested: CLIENT, server: '10.9.9.9' }, undefined],
  ['nothing at all', {}, TYPE.nak],
] as const) {
  test(`a request for ${what}: ${type === undefined ? 'silence' : 'refused'}`, () => {
    const client = createCarrierClient();
    send(client, { type: TYPE.request, ...options });
    const answer = take(client);
    assert.equal(answer?.type, type);
    if (answer !== undefined)
      assert.deepEqual([answer.target, answer.yiaddr], ['255.255.255.255', '0.0.0.0']);
    assert.deepEqual(leases(client), []);
  });
}

test('broadcast when requested', () => {
  const client = createCarrierClient();
  send(client, { type: TYPE.discover, broadcast: true });
  assert.equal(client.frames[0]?.subarray(0, 6).toString('hex'), 'ffffffffffff');
  assert.equal(take(client)?.target, '255.255.255.255');
});

test('inform: options, no address', () => {
  const client = createCarrierClient();
  send(client, { type: TYPE.inform, ciaddr: CLIENT });
  const answer = take(client);
  assert.deepEqual([answer?.type, answer?.yiaddr, answer?.options[51]], [TYPE.ack, '0.0.0.0', undefined]);
});

test('no-dhcp: silence', () => {
  const client = createCarrierClient({ network: { addressing: 'no-dhcp' } });
  send(client, { type: TYPE.discover });
  assert.equal(take(client), undefined);
});

test('a lease ends with the call', () => {
  const client = createCarrierClient();
  send(client, { type: TYPE.request, requested: CLIENT });
  client.carrier.reset();
  send(client, { type: TYPE.request, requested: CLIENT });
  assert.deepEqual(leases(client), ['bound', 'bound']);
});
