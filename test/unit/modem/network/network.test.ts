import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  checksum,
  ETHER_TYPE,
  encodeFrame,
  encodeIpv4,
  formatAddress,
  IP_PROTOCOL,
  parseFrame,
} from '../../../../src/modem/network/ethernet.ts';
import { CLIENT, CLIENT_MAC, createCarrierClient, GATEWAY } from '../../../helpers/carrier-client.ts';

const arp = (sender: string, target: string) =>
  encodeFrame({
    target: Buffer.alloc(6, 0xff),
    source: CLIENT_MAC,
    type: ETHER_TYPE.arp,
    payload: Buffer.concat([
      Buffer.from('0001080006040001', 'hex'),
      CLIENT_MAC,
      Buffer.from(sender.split('.').map(Number)),
      Buffer.alloc(6),
      Buffer.from(target.split('.').map(Number)),
    ]),
  });

test('the checksum of RFC 1071', () => {
  assert.equal(checksum(Buffer.from('0001f203f4f5f6f7', 'hex')), 0xffff - 0xddf2);
});

test('ARP: the gateway answers, padded to 60 bytes', () => {
  const { carrier, frames } = createCarrierClient();
  carrier.input(arp(CLIENT, GATEWAY));
  const [frame] = frames;
  assert.equal(frame?.length, 60);
  assert.equal(
    frame?.subarray(0, 42).toString('hex'),
    '001e101f00010250f300000008060001080006040002' + '0250f30000000a404009001e101f00010a40400a',
  );
});

test('ARP: a client that looks whether its address is free finds it so', () => {
  const { carrier, frames } = createCarrierClient();
  carrier.input(arp('0.0.0.0', CLIENT));
  carrier.input(arp(CLIENT, CLIENT));
  assert.deepEqual(frames, []);
});

test('ping is answered by every address, whatever the length', () => {
  const client = createCarrierClient();
  for (const length of [0, 1, 470, 1472]) {
    const payload = Buffer.concat([Buffer.from('0800000012340001', 'hex'), Buffer.alloc(length, 0x61)]);
    payload.writeUInt16BE(checksum(payload), 2);
    client.ip({ protocol: IP_PROTOCOL.icmp, target: '192.0.2.1', payload });
    const reply = client.takeIp();
    assert.deepEqual([reply?.source, reply?.target, reply?.payload[0]], ['192.0.2.1', CLIENT, 0]);
    assert.equal(checksum(reply?.payload ?? Buffer.alloc(2)), 0);
    assert.deepEqual(reply?.payload.subarray(4), payload.subarray(4));
  }
  assert.equal(client.log.events.filter((event) => event.type === 'icmp').length, 4);
});

test('a broken ping and a fragment are not answered', () => {
  const client = createCarrierClient();
  client.ip({ protocol: IP_PROTOCOL.icmp, payload: Buffer.from('0800ffff00000000', 'hex') });
  const packet = {
    source: CLIENT,
    target: GATEWAY,
    protocol: IP_PROTOCOL.icmp,
    payload: Buffer.from('0800f7ff00000000', 'hex'),
  };
  const bytes = encodeIpv4(packet, 1);
  bytes.writeUInt16BE(0x2000, 6);
  bytes.writeUInt16BE(0, 10);
  bytes.writeUInt16BE(checksum(bytes.subarray(0, 20)), 10);
  client.carrier.input(
    encodeFrame({ target: CLIENT_MAC, source: CLIENT_MAC, type: ETHER_TYPE.ipv4, payload: bytes }),
  );
  assert.deepEqual(client.frames, []);
});

test('other datagrams are noted and not answered', () => {
  const client = createCarrierClient();
  client.udp({ from: 123, to: 123 }, Buffer.alloc(48));
  assert.deepEqual(client.frames, []);
  assert.deepEqual(client.log.events, [{ t: 0, type: 'udp', to: '10.64.64.9:123', bytes: 48 }]);
});

test('any frame is survived, and its answers are whole', () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  const shaped = fc.tuple(fc.constantFrom(1, 6, 17), bytes).map(([protocol, payload]) => {
    const packet = { source: CLIENT, target: GATEWAY, protocol, payload: Buffer.from(payload) };
    return encodeFrame({
      target: CLIENT_MAC,
      source: CLIENT_MAC,
      type: ETHER_TYPE.ipv4,
      payload: encodeIpv4(packet, 1),
    });
  });
  const port = fc.tuple(fc.constantFrom(53, 67, 80), bytes).map(([to, payload]) => {
    const client = createCarrierClient();
    let frame = Buffer.alloc(0);
    client.carrier.input = (each) => {
      frame = Buffer.from(each);
    };
    client.udp({ from: 68, to }, Buffer.from(payload));
    return frame;
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(bytes, shaped, port), { maxLength: 10 }), (frames) => {
      const client = createCarrierClient();
      for (const frame of frames) client.carrier.input(Buffer.from(frame));
      client.clock.advance(200_000);
      for (const frame of client.frames) assert.ok(parseFrame(frame));
    }),
    { numRuns: 300 },
  );
});

test('addresses are written as people do', () => {
  assert.equal(formatAddress(Buffer.from([10, 64, 64, 9])), '10.64.64.9');
});

test('where no ping gets through, none is answered', () => {
  const client = createCarrierClient({ network: { drops: { icmp: true } } });
  client.ip({ protocol: IP_PROTOCOL.icmp, payload: Buffer.from('0800f7ff00000000', 'hex') });
  assert.deepEqual(client.frames, []);
  assert.deepEqual(
    client.log.events.map((event) => event.type === 'drop' && event.why),
    ['no ping gets through'],
  );
});

test('packets above the size limit are lost both ways, and only those', () => {
  const client = createCarrierClient({ network: { drops: { aboveBytes: 1280 } } });
  const ping = (length: number) => {
    const payload = Buffer.concat([Buffer.from('0800000012340001', 'hex'), Buffer.alloc(length - 28)]);
    payload.writeUInt16BE(checksum(payload), 2);
    client.ip({ protocol: IP_PROTOCOL.icmp, payload });
    return client.takeIp()?.payload.length;
  };
  assert.deepEqual([ping(1280), ping(1281)], [1260, undefined]);
});
