import type { Behaviour } from '../behaviour.ts';
import { type Clock, createTimers } from '../clock.ts';
import type { EventLog } from '../events.ts';
import { createDhcpServer } from './dhcp.ts';
import { answerDns } from './dns.ts';
import { checksum, encodeIpv4, formatAddress, IP_PROTOCOL, type Ipv4, parseIpv4 } from './ethernet.ts';
import { createHttpService } from './http.ts';
import { createPortScan } from './port-scan.ts';
import { createTcpHost } from './tcp.ts';

/** The carrier's network above its link: IP packets alone. */
export interface IpNetwork {
  /** An IP packet from the modem, whole. */
  input(packet: Buffer): void;
  /** The call ended: leases and connections are gone. */
  reset(): void;
  /** A fault: the DHCP server does not answer. */
  pauseDhcp(silent: boolean): void;
}

/** What the network needs: its settings, and the way to the modem. */
export interface NetworkOptions {
  readonly behaviour: Behaviour;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Sends a packet, or on an Ethernet link a frame, to the modem. */
  readonly send: (bytes: Buffer) => void;
}

const PORT = { dns: 53, dhcpServer: 67, dhcpClient: 68, http: 80 } as const;
const ECHO_REQUEST = 8;

/**
 * A gateway that answers for every address: it resolves names, answers pings and serves one web page.
 * @param options with `dhcp`, hosts get their address from its DHCP server
 * @param send sends a packet to the modem; `everyone`: to all on the link, for a client without an address
 */
export function createIpNetwork(
  options: Omit<NetworkOptions, 'send'> & { readonly dhcp: boolean },
  send: (packet: Buffer, everyone: boolean) => void,
): IpNetwork {
  const { log, behaviour } = options;
  const { network } = behaviour;
  const timers = createTimers(options.clock);
  const dhcp = createDhcpServer(network, log);
  const http = createHttpService(network, log);
  let identification = 0;
  let dhcpSilent = false;

  const tcp = createTcpHost({
    service: (port) => (port === PORT.http ? http : undefined),
    send: (packet) => sendIp(packet),
    timers,
    log,
  });

  /** True, and noted, where the network loses an IP packet of that size. */
  function isTooLong({ length }: Buffer): boolean {
    if (length <= (network.drops.aboveBytes ?? length)) return false;
    log.record({ type: 'drop', why: `a packet of ${length} bytes is too long`, etherType: '0800' });
    return true;
  }

  const scan = createPortScan({
    source: network.gateway,
    target: network.address,
    ports: network.scan,
    refusedForMs: network.scanRefusedForMs,
    send: (packet) => sendIp(packet),
    timers,
    log,
  });
  log.subscribe(({ type }) => {
    if (type === 'http') scan.start();
  });

  function sendIp(packet: Ipv4, everyone = false) {
    identification += 1;
    const payload = encodeIpv4(packet, identification);
    if (!isTooLong(payload)) send(payload, everyone);
  }

  function icmp({ source, target, payload }: Ipv4) {
    if (payload[0] !== ECHO_REQUEST || payload.length < 8 || checksum(payload) !== 0) return;
    if (network.drops.icmp)
      return log.record({ type: 'drop', why: 'no ping gets through', etherType: '0800' });
    log.record({ type: 'icmp', from: source, to: target, bytes: payload.length });
    const reply = Buffer.from(payload);
    reply[0] = 0;
    reply.writeUInt16BE(0, 2);
    reply.writeUInt16BE(checksum(reply), 2);
    sendIp({ source: target, target: source, protocol: IP_PROTOCOL.icmp, payload: reply });
  }

  function udp(packet: Ipv4) {
    const { payload } = packet;
    if (payload.length < 8) return;
    const [from, to, length] = [payload.readUInt16BE(0), payload.readUInt16BE(2), payload.readUInt16BE(4)];
    if (length < 8 || length > payload.length) return;
    const data = payload.subarray(8, length);
    if (to === PORT.dhcpServer && options.dhcp) {
      if (dhcpSilent) return log.record({ type: 'drop', why: 'DHCP server is silent', etherType: '0800' });
      const reply = dhcp.input(data);
      if (reply === undefined) return;
      const everyone = reply.broadcast;
      const client = formatAddress(data, 12);
      const unicast = client === '0.0.0.0' ? network.address : client;
      sendUdp(
        { source: network.gateway, target: everyone ? '255.255.255.255' : unicast },
        { from: PORT.dhcpServer, to: PORT.dhcpClient },
        reply.payload,
        everyone,
      );
    } else if (to === PORT.dns) {
      const answer = answerDns(data, packet.target, network, log);
      const ends = { source: packet.target, target: packet.source };
      if (answer !== undefined) sendUdp(ends, { from: PORT.dns, to: from }, answer);
    } else log.record({ type: 'udp', to: `${packet.target}:${to}`, bytes: data.length });
  }

  function sendUdp(
    ends: Pick<Ipv4, 'source' | 'target'>,
    ports: { from: number; to: number },
    data: Buffer,
    everyone = false,
  ) {
    const header = Buffer.alloc(8); // checksum 0: none, as IPv4 allows
    header.writeUInt16BE(ports.from, 0);
    header.writeUInt16BE(ports.to, 2);
    header.writeUInt16BE(8 + data.length, 4);
    sendIp({ ...ends, protocol: IP_PROTOCOL.udp, payload: Buffer.concat([header, data]) }, everyone);
  }

  return {
    input(bytes) {
      const packet = parseIpv4(bytes);
      if (packet !== undefined && isTooLong(bytes)) return;
      if (packet?.protocol === IP_PROTOCOL.icmp) icmp(packet);
      else if (packet?.protocol === IP_PROTOCOL.udp) udp(packet);
      else if (packet?.protocol === IP_PROTOCOL.tcp && !scan.input(packet)) tcp.input(packet);
    },
    pauseDhcp(silent) {
      dhcpSilent = silent;
    },
    reset() {
      dhcp.reset();
      tcp.reset();
      scan.reset();
      timers.cancelAll();
    },
  };
}
