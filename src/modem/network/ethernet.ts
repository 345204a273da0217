/** Ethernet II, ARP and IPv4: from bytes, and to them. All integers big endian. Readers never throw. */

export const ETHER_TYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
export const IP_PROTOCOL = { icmp: 1, tcp: 6, udp: 17 } as const;

/** A frame without its checksum. */
export interface Frame {
  readonly target: Buffer;
  readonly source: Buffer;
  readonly type: number;
  readonly payload: Buffer;
}

/** An ARP packet for IPv4 over Ethernet (RFC 826). */
export interface Arp {
  readonly operation: number;
  readonly senderMac: Buffer;
  readonly sender: string;
  readonly target: string;
}

/** An IPv4 packet, whole. */
export interface Ipv4 {
  readonly source: string;
  readonly target: string;
  readonly protocol: number;
  readonly payload: Buffer;
}

const HEADER = 14;
const MIN_FRAME = 60;

export function parseFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < HEADER) return undefined;
  return {
    target: bytes.subarray(0, 6),
    source: bytes.subarray(6, 12),
    type: bytes.readUInt16BE(12),
    payload: bytes.subarray(HEADER),
  };
}

/** Padded to the minimum size of an Ethernet frame. */
export function encodeFrame({ target, source, type, payload }: Frame): Buffer {
  const bytes = Buffer.alloc(Math.max(MIN_FRAME, HEADER + payload.length));
  target.copy(bytes, 0);
  source.copy(bytes, 6);
  bytes.writeUInt16BE(type, 12);
  payload.copy(bytes, HEADER);
  return bytes;
}

export function parseArp(bytes: Buffer): Arp | undefined {
  if (bytes.length < 28 || bytes.readUInt32BE(0) !== 0x0001_0800 || bytes.readUInt16BE(4) !== 0x0604) {
    return undefined;
  }
  return {
    operation: bytes.readUInt16BE(6),
    senderMac: bytes.subarray(8, 14),
    sender: formatAddress(bytes, 14),
    target: formatAddress(bytes, 24),
  };
}

/** The answer to `request`: `mac` has the requested address. */
export function encodeArpReply(request: Arp, mac: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from('0001080006040002', 'hex'),
    mac,
    parseAddress(request.target),
    request.senderMac,
    parseAddress(request.sender),
  ]);
}

/** Undefined for anything but a whole IPv4 packet with a valid header; fragments are not reassembled. */
export function parseIpv4(bytes: Buffer): Ipv4 | undefined {
  if (bytes.length < 20 || bytes.readUInt8(0) >> 4 !== 4) return undefined;
  const header = (bytes.readUInt8(0) & 15) * 4;
  const total = bytes.readUInt16BE(2);
  if (header < 20 || total < header || total > bytes.length) return undefined;
  if (checksum(bytes.subarray(0, header)) !== 0) return undefined;
  const fragment = bytes.readUInt16BE(6) & 0x3fff;
  if (fragment !== 0) return undefined;
  return {
    source: formatAddress(bytes, 12),
    target: formatAddress(bytes, 16),
    protocol: bytes.readUInt8(9),
    payload: bytes.subarray(header, total),
  };
}

export function encodeIpv4({ source, target, protocol, payload }: Ipv4, identification: number): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(header.length + payload.length, 2);
  header.writeUInt16BE(identification & 0xffff, 4);
  header.writeUInt16BE(0x4000, 6); // don't fragment
  header[8] = 64;
  header[9] = protocol;
  parseAddress(source).copy(header, 12);
  parseAddress(target).copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, payload]);
}

/** The Internet checksum (RFC 1071); 0 over bytes that include a correct checksum. */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The checksum of TCP and UDP, with the pseudo header (RFC 9293 §3.1). */
export function transportChecksum({ source, target, protocol, payload }: Ipv4): number {
  const pseudo = Buffer.concat([
    parseAddress(source),
    parseAddress(target),
    Buffer.from([0, protocol, 0, 0]),
  ]);
  pseudo.writeUInt16BE(payload.length, 10);
  return checksum(Buffer.concat([pseudo, payload]));
}

export function parseAddress(dotted: string): Buffer {
  return Buffer.from(dotted.split('.').map(Number));
}

export function formatAddress(bytes: Buffer, at = 0): string {
  return [...bytes.subarray(at, at + 4)].join('.');
}
