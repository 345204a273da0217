import type { Behaviour } from '../behaviour.ts';
import type { EventLog } from '../events.ts';
import { formatAddress, parseAddress } from './ethernet.ts';

/** DHCP message types, RFC 2132 §9.6. */
const TYPE = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const;
const OPTION = {
  pad: 0,
  subnetMask: 1,
  router: 3,
  dns: 6,
  hostName: 12,
  interfaceMtu: 26,
  requestedAddress: 50,
  leaseTime: 51,
  messageType: 53,
  serverId: 54,
  end: 255,
} as const;
const COOKIE = 0x63825363;
const FIXED = 240;

/** A reply of the server, and whether it is sent by broadcast. */
export interface DhcpReply {
  readonly payload: Buffer;
  readonly broadcast: boolean;
}

/** The carrier's DHCP server (RFC 2131): one address for the one modem. */
export interface DhcpServer {
  /** Takes the payload of a UDP datagram to port 67; undefined if it gets no reply. */
  input(payload: Buffer): DhcpReply | undefined;
  /** The link is gone, and the lease with it. */
  reset(): void;
}

interface Request {
  readonly type: number;
  readonly fixed: Buffer;
  readonly options: ReadonlyMap<number, Buffer>;
}

export function createDhcpServer(network: Behaviour['network'], log: EventLog): DhcpServer {
  let bound = false;

  function answer(request: Request, wanted: string): 'offer' | 'ack' | 'nak' | 'nothing' {
    const server = request.options.get(OPTION.serverId);
    const forUs = server === undefined || formatAddress(server) === network.gateway;
    if (network.addressing === 'no-dhcp') return 'nothing';
    switch (request.type) {
      case TYPE.discover:
        return 'offer';
      case TYPE.request:
        if (!forUs) return 'nothing';
        return wanted === network.address ? 'ack' : 'nak';
      case TYPE.inform:
        return 'ack';
      default:
        return 'nothing';
    }
  }

  return {
    input(payload) {
      const request = parseDhcp(payload);
      if (request === undefined) return undefined;
      const client = formatAddress(request.fixed, 12);
      const requested = request.options.get(OPTION.requestedAddress);
      const wanted = requested?.length === 4 ? formatAddress(requested) : client;
      const sent = answer(request, wanted);
      const hostName = request.options
        .get(OPTION.hostName)
        ?.toString('latin1')
        .replace(/[^ -~]/g, '?');
      const received = Object.entries(TYPE).find(([, type]) => type === request.type)?.[0] ?? 'unknown';
      log.record({
        type: 'dhcp',
        received,
        sent,
        address: wanted,
        hostName,
      });
      if (request.type === TYPE.release && bound) {
        bound = false;
        log.record({ type: 'lease', what: 'released', address: client });
      }
      if (sent === 'nothing') return undefined;
      if (sent === 'ack' && request.type === TYPE.request) {
        log.record({ type: 'lease', what: bound ? 'renewed' : 'bound', address: network.address });
        bound = true;
      }
      // RFC 2131 §4.1: every NAK, and a reply to a client that has no address and cannot receive unicast, is broadcast.
      const broadcast =
        sent === 'nak' || (client === '0.0.0.0' && (request.fixed.readUInt8(10) & 0x80) !== 0);
      return { payload: encodeReply(request, sent, network), broadcast };
    },
    reset() {
      bound = false;
    },
  };
}

function parseDhcp(payload: Buffer): Request | undefined {
  if (payload.length < FIXED || payload[0] !== 1 || payload.readUInt32BE(236) !== COOKIE) return undefined;
  const options = new Map<number, Buffer>();
  for (let at = FIXED; at < payload.length; ) {
    const code = payload.readUInt8(at);
    if (code === OPTION.end) break;
    if (code === OPTION.pad) {
      at += 1;
      continue;
    }
    const length = payload[at + 1];
    if (length === undefined || at + 2 + length > payload.length) break;
    options.set(code, payload.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  const type = options.get(OPTION.messageType)?.[0];
  return type === undefined ? undefined : { type, fixed: payload.subarray(0, FIXED), options };
}

function encodeReply(request: Request, sent: 'offer' | 'ack' | 'nak', network: Behaviour['network']): Buffer {
  const { fixed } = request;
  const reply = Buffer.alloc(FIXED);
  Buffer.from([2, 1, 6, 0]).copy(reply);
  fixed.copy(reply, 4, 4, 8); // xid
  fixed.copy(reply, 10, 10, 12); // flags
  fixed.copy(reply, 28, 28, 44); // chaddr
  reply.writeUInt32BE(COOKIE, 236);
  const inform = request.type === TYPE.inform;
  if (sent !== 'nak') {
    fixed.copy(reply, 12, 12, 16); // ciaddr
    if (!inform) parseAddress(network.address).copy(reply, 16);
    parseAddress(network.gateway).copy(reply, 20);
  }
  const options: [number, Buffer][] = [
    [OPTION.messageType, Buffer.from([TYPE[sent]])],
    [OPTION.serverId, parseAddress(network.gateway)],
  ];
  if (sent !== 'nak') {
    if (!inform) options.push([OPTION.leaseTime, bigEndian(network.leaseSeconds, 4)]);
    options.push(
      [OPTION.subnetMask, parseAddress(network.netmask)],
      [OPTION.router, parseAddress(network.gateway)],
      [OPTION.dns, Buffer.concat(network.dns.map(parseAddress))],
    );
    if (network.mtuBy.includes('dhcp')) options.push([OPTION.interfaceMtu, bigEndian(network.mtu, 2)]);
  }
  const encoded = options.map(([code, value]) => Buffer.concat([Buffer.from([code, value.length]), value]));
  const message = Buffer.concat([reply, ...encoded, Buffer.from([OPTION.end])]);
  // Some BOOTP relays and clients drop messages under 300 bytes.
  return message.length >= 300 ? message : Buffer.concat([message, Buffer.alloc(300 - message.length)]);
}

function bigEndian(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
