import { encodeNtb, parseNtb } from '../ntb.ts';
import { ETHER_TYPE, encodeArpReply, encodeFrame, formatAddress, parseArp, parseFrame } from './ethernet.ts';
import { createIpNetwork, type IpNetwork, type NetworkOptions } from './ip-network.ts';

/** The network behind the modem, below which lies one of the links that modems have. */
export interface MobileNetwork extends IpNetwork {
  /** A frame, or on a link without frames an IP packet, from the modem. */
  input(bytes: Buffer): void;
}

const GATEWAY_MAC = Buffer.from('0250f3000000', 'hex');
const BROADCAST_MAC = Buffer.alloc(6, 0xff);

/** The network on an Ethernet link: the gateway answers ARP for every address, and hosts get theirs by DHCP. */
export function createNetwork(options: NetworkOptions): MobileNetwork {
  const { log } = options;
  const { network } = options.behaviour;
  let stickMac = BROADCAST_MAC;

  function send(type: number, payload: Buffer, target: Buffer) {
    options.send(encodeFrame({ target, source: GATEWAY_MAC, type, payload }));
  }

  const ip = createIpNetwork({ ...options, dhcp: true }, (packet, everyone) =>
    send(ETHER_TYPE.ipv4, packet, everyone ? BROADCAST_MAC : stickMac),
  );

  function arp(payload: Buffer) {
    const request = parseArp(payload);
    // Not for the client's own address: a client that probes it must not find it in use.
    if (request?.operation !== 1 || request.target === request.sender) return;
    if (request.target === network.address || request.sender === '0.0.0.0') return;
    log.record({ type: 'arp', who: request.target });
    send(ETHER_TYPE.arp, encodeArpReply(request, GATEWAY_MAC), stickMac);
  }

  return {
    ...ip,
    input(bytes) {
      const frame = parseFrame(bytes);
      if (frame === undefined) return;
      stickMac = Buffer.from(frame.source);
      if (frame.type === ETHER_TYPE.arp) arp(frame.payload);
      else if (frame.type === ETHER_TYPE.ipv4) ip.input(frame.payload);
    },
  };
}

/** The same on a link whose transfers are blocks of many IP packets, as MBIM's are. */
export function createNtbNetwork(options: NetworkOptions): MobileNetwork {
  let sequence = 0;
  const network = createIpOnlyNetwork({
    ...options,
    send: (packet) => {
      options.send(encodeNtb(packet, sequence));
      sequence += 1;
    },
  });
  return {
    ...network,
    input(block) {
      const packets = parseNtb(block);
      if (packets === undefined)
        return options.log.record({ type: 'drop', why: 'not a block of packets', etherType: '?' });
      for (const packet of packets) network.input(packet);
    },
  };
}

/**
 * The network on a link of IP packets alone, whose host was told its address by the modem. There is no DHCP; the first
 * packet from that address counts as its lease.
 */
export function createIpOnlyNetwork(options: NetworkOptions): MobileNetwork {
  const { log } = options;
  const { network } = options.behaviour;
  const ip = createIpNetwork({ ...options, dhcp: false }, (packet) => options.send(packet));
  let bound = false;
  return {
    ...ip,
    input(packet) {
      const version = (packet[0] ?? 0) >> 4;
      if (version !== 4 && version !== 6)
        return log.record({ type: 'drop', why: 'not an IP packet', etherType: '?' });
      if (!bound && packet.length >= 20 && version === 4 && formatAddress(packet, 12) === network.address) {
        bound = true;
        log.record({ type: 'lease', what: 'bound', address: network.address });
      }
      ip.input(packet);
    },
    reset() {
      bound = false;
      ip.reset();
    },
  };
}
