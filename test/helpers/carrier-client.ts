import { type BehaviourInput, parseBehaviour } from '../../src/modem/behaviour.ts';
import { createEventLog, type EventLog } from '../../src/modem/events.ts';
import {
  ETHER_TYPE,
  encodeFrame,
  encodeIpv4,
  IP_PROTOCOL,
  type Ipv4,
  parseFrame,
  parseIpv4,
  transportChecksum,
} from '../../src/modem/network/ethernet.ts';
import { createNetwork, type MobileNetwork } from '../../src/modem/network/network.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

export const CLIENT = '10.64.64.10';
export const GATEWAY = '10.64.64.9';
export const CLIENT_MAC = Buffer.from('001e101f0001', 'hex');

/** The far side of wwan0 as a test's host sees it. */
export interface CarrierClient {
  readonly carrier: MobileNetwork;
  readonly clock: ManualClock;
  readonly log: EventLog;
  /** Frames from the carrier that were not taken yet. */
  readonly frames: Buffer[];
  ip(packet: Partial<Ipv4> & Pick<Ipv4, 'protocol' | 'payload'>): void;
  udp(ports: { from: number; to: number }, data: Buffer, ends?: Partial<Ipv4>): void;
  tcp(segment: TcpSegment): void;
  /** Takes the oldest frame, as an IPv4 packet. */
  takeIp(): Ipv4 | undefined;
  /** Takes the oldest frame, as the data of a UDP datagram. */
  takeUdp(): Buffer | undefined;
  takeTcp(): TcpSegment | undefined;
}

export interface TcpSegment {
  readonly from: number;
  readonly to: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  /** `S`, `A`, `F`, `R`, `P`. */
  readonly flags: string;
  readonly data: string;
  /** Of the header, as bytes; padded with zeros. */
  readonly options?: Buffer;
}

const FLAGS = 'FSRPA';

export function createCarrierClient(behaviour: BehaviourInput = {}): CarrierClient {
  const clock = createManualClock();
  const log = createEventLog(clock);
  const frames: Buffer[] = [];
  const carrier = createNetwork({
    behaviour: parseBehaviour(behaviour),
    clock,
    log,
    send: (frame) => frames.push(frame),
  });
  const client: CarrierClient = {
    carrier,
    clock,
    log,
    frames,
    ip(packet) {
      const whole = { source: CLIENT, target: GATEWAY, ...packet };
      const payload = encodeIpv4(whole, 1);
      const target = Buffer.from('0250f3000000', 'hex');
      carrier.input(encodeFrame({ target, source: CLIENT_MAC, type: ETHER_TYPE.ipv4, payload }));
    },
    udp({ from, to }, data, ends = {}) {
      const header = Buffer.alloc(8);
      header.writeUInt16BE(from, 0);
      header.writeUInt16BE(to, 2);
      header.writeUInt16BE(8 + data.length, 4);
      client.ip({ ...ends, protocol: IP_PROTOCOL.udp, payload: Buffer.concat([header, data]) });
    },
    tcp(segment) {
      const data = Buffer.from(segment.data, 'latin1');
      const { options = Buffer.alloc(0) } = segment;
      const header = 20 + Math.ceil(options.length / 4) * 4;
      const payload = Buffer.alloc(header + data.length);
      payload.writeUInt16BE(segment.from, 0);
      payload.writeUInt16BE(segment.to, 2);
      payload.writeUInt32BE(segment.sequence >>> 0, 4);
      payload.writeUInt32BE(segment.acknowledgement >>> 0, 8);
      payload[12] = (header / 4) << 4;
      options.copy(payload, 20);
      payload[13] = [...segment.flags].reduce((bits, flag) => bits | bit(flag), 0);
      payload.writeUInt16BE(64_240, 14);
      data.copy(payload, header);
      const packet = { source: CLIENT, target: GATEWAY, protocol: IP_PROTOCOL.tcp, payload };
      payload.writeUInt16BE(transportChecksum(packet), 16);
      client.ip(packet);
    },
    takeIp() {
      const frame = parseFrame(frames.shift() ?? Buffer.alloc(0));
      return frame && parseIpv4(frame.payload);
    },
    takeUdp: () => client.takeIp()?.payload.subarray(8),
    takeTcp() {
      const packet = client.takeIp();
      if (packet === undefined) return undefined;
      if (transportChecksum(packet) !== 0) throw new Error('bad TCP checksum');
      const { payload } = packet;
      return {
        from: payload.readUInt16BE(0),
        to: payload.readUInt16BE(2),
        sequence: payload.readUInt32BE(4),
        acknowledgement: payload.readUInt32BE(8),
        flags: [...FLAGS].filter((flag) => (payload.readUInt8(13) & bit(flag)) !== 0).join(''),
        data: payload.toString('latin1', 20),
      };
    },
  };
  return client;
}

function bit(flag: string): number {
  return { F: 1, S: 2, R: 4, P: 8, A: 16 }[flag] ?? 0;
}
