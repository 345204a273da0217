import type { Timers } from '../clock.ts';
import type { EventLog } from '../events.ts';
import { IP_PROTOCOL, type Ipv4 } from './ethernet.ts';
import { distance, encodeSegment, FLAG, parseSegment, type Segment } from './tcp-segment.ts';

/**
 * TCP (RFC 9293), as much as one request and one answer need: the far end listens, takes bytes in order,
 * answers once and closes. Lost segments are sent again. Segments out of order are dropped, so the sender
 * repeats them.
 */
export interface TcpHost {
  /** The payload of an IPv4 packet. */
  input(packet: Ipv4): void;
  /** The link is gone, and every connection with it. */
  reset(): void;
}

/** Gets the bytes received so far; returns everything to send before closing, or undefined to wait for more. */
export type TcpService = (received: Buffer) => Buffer | undefined;

interface Connection {
  readonly packet: Ipv4;
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly name: { from: string; to: string };
  state: 'syn-received' | 'established';
  received: Buffer;
  expected: number;
  /** Everything to send, from sequence number `base`; a SYN comes before it, a FIN after. */
  output: Buffer | undefined;
  base: number;
  acknowledged: number;
  window: number;
  readonly maxSegment: number;
  peerClosed: boolean;
  tries: number;
  cancelTimer: () => void;
}

const OUR_WINDOW = 64_000;
const MAX_SEGMENT = 1400;
/** Of a peer that names none (RFC 9293 §3.7.1). */
const DEFAULT_SEGMENT = 536;
/** Linux sends no less either (TCP_MIN_SND_MSS, include/net/tcp.h). */
const MIN_SEGMENT = 48;
const MAX_RECEIVED = 65_536;
const MAX_CONNECTIONS = 64;
const RETRANSMIT_MS = 1000;
const MAX_TRIES = 6;
const INITIAL_SEQUENCE = 0x1000_0000;

export function createTcpHost(options: {
  service: (port: number) => TcpService | undefined;
  send: (packet: Ipv4) => void;
  timers: Timers;
  log: EventLog;
}): TcpHost {
  const { log } = options;
  const connections = new Map<string, Connection>();
  let nextSequence = INITIAL_SEQUENCE;

  /** Answers a packet: the addresses and ports of `to`, swapped. */
  function emit(to: Ipv4, ports: Pick<Segment, 'sourcePort' | 'targetPort'>, segment: Partial<Segment>) {
    const ends = { source: to.target, target: to.source, protocol: IP_PROTOCOL.tcp };
    const whole = {
      sequence: 0,
      acknowledgement: 0,
      flags: 0,
      data: Buffer.alloc(0),
      ...segment,
      sourcePort: ports.targetPort,
      targetPort: ports.sourcePort,
      window: OUR_WINDOW,
    };
    options.send({ ...ends, payload: encodeSegment(whole, ends) });
  }

  /** Sends the unacknowledged bytes that fit into the window, and waits for the acknowledgement. */
  function transmit(connection: Connection) {
    connection.cancelTimer();
    const { output, base } = connection;
    const say = (segment: Partial<Segment>) =>
      emit(connection.packet, connection, { acknowledgement: connection.expected, ...segment });
    if (connection.state === 'syn-received') {
      say({ sequence: base - 1, flags: FLAG.syn | FLAG.ack });
    } else if (output === undefined) {
      return say({ sequence: connection.acknowledged, flags: FLAG.ack });
    } else {
      const end = Math.min(
        output.length,
        distance(base, connection.acknowledged) + Math.max(connection.window, 1),
      );
      for (let at = distance(base, connection.acknowledged); at < end; at += connection.maxSegment) {
        const data = output.subarray(at, Math.min(end, at + connection.maxSegment));
        say({ sequence: base + at, flags: FLAG.ack | FLAG.psh, data });
      }
      if (end === output.length) say({ sequence: base + output.length, flags: FLAG.ack | FLAG.fin });
    }
    const delay = RETRANSMIT_MS * 2 ** connection.tries;
    connection.cancelTimer = options.timers.after(delay, () => {
      connection.tries += 1;
      if (connection.tries > MAX_TRIES) return close(connection, 'reset');
      log.record({ type: 'tcp', what: 'retransmit', ...connection.name });
      transmit(connection);
    });
  }

  function close(connection: Connection, what: 'closed' | 'reset') {
    connection.cancelTimer();
    connections.delete(getKey(connection.packet, connection));
    log.record({ type: 'tcp', what, ...connection.name });
  }

  function open(packet: Ipv4, segment: Segment) {
    const { sourcePort, targetPort } = segment;
    const name = { from: `${packet.source}:${sourcePort}`, to: `${packet.target}:${targetPort}` };
    if (options.service(targetPort) === undefined || connections.size >= MAX_CONNECTIONS) {
      log.record({ type: 'tcp', what: 'refused', ...name });
      return emit(packet, segment, { acknowledgement: segment.sequence + 1, flags: FLAG.rst | FLAG.ack });
    }
    nextSequence = (nextSequence + 0x10_0000) >>> 0;
    const connection: Connection = {
      packet: { ...packet, payload: Buffer.alloc(0) },
      sourcePort,
      targetPort,
      name,
      state: 'syn-received',
      received: Buffer.alloc(0),
      expected: (segment.sequence + 1) >>> 0,
      output: undefined,
      base: nextSequence + 1,
      acknowledged: nextSequence + 1,
      window: segment.window,
      maxSegment: Math.max(MIN_SEGMENT, Math.min(MAX_SEGMENT, segment.maxSegment ?? DEFAULT_SEGMENT)),
      peerClosed: false,
      tries: 0,
      cancelTimer: () => undefined,
    };
    connections.set(getKey(packet, segment), connection);
    log.record({ type: 'tcp', what: 'open', ...name });
    transmit(connection);
  }

  function acknowledge(connection: Connection, segment: Segment) {
    const end = (connection.output?.length ?? 0) + 1;
    const got = distance(connection.base, segment.acknowledgement);
    if (got > end) return;
    connection.window = segment.window;
    if (connection.state === 'syn-received') {
      connection.state = 'established';
      connection.cancelTimer();
      log.record({ type: 'tcp', what: 'established', ...connection.name });
    }
    const before = distance(connection.base, connection.acknowledged);
    if (got <= before) return;
    connection.acknowledged = segment.acknowledgement;
    connection.tries = 0;
    // After the acknowledged FIN nothing is left to send; further bytes of the peer are only acknowledged.
    if (connection.output !== undefined && got === end) {
      connection.cancelTimer();
      if (connection.peerClosed) close(connection, 'closed');
      else connection.cancelTimer = options.timers.after(10_000, () => close(connection, 'closed'));
    } else if (connection.output !== undefined) transmit(connection);
  }

  function take(connection: Connection, segment: Segment) {
    const fin = (segment.flags & FLAG.fin) !== 0;
    if (segment.data.length === 0 && !fin) return;
    const skip = distance(segment.sequence, connection.expected);
    if (skip <= segment.data.length) {
      const fresh = segment.data.subarray(skip);
      connection.expected = (connection.expected + fresh.length) >>> 0;
      if (fin && !connection.peerClosed) {
        connection.peerClosed = true;
        connection.expected = (connection.expected + 1) >>> 0;
      }
      if (connection.output === undefined) {
        connection.received = Buffer.concat([connection.received, fresh]).subarray(0, MAX_RECEIVED);
        connection.output = answerTo(connection);
        if (connection.output !== undefined) return transmit(connection);
      }
    }
    emit(connection.packet, connection, {
      sequence: connection.acknowledged,
      acknowledgement: connection.expected,
      flags: FLAG.ack,
    });
    const { output, base, acknowledged } = connection;
    const finished = output !== undefined && distance(base, acknowledged) > output.length;
    if (finished && connection.peerClosed) close(connection, 'closed');
  }

  /** The service's answer; empty if the peer has closed without a whole request. */
  function answerTo({ received, targetPort, peerClosed }: Connection): Buffer | undefined {
    const complete = peerClosed || received.length >= MAX_RECEIVED;
    return options.service(targetPort)?.(received) ?? (complete ? Buffer.alloc(0) : undefined);
  }

  return {
    input(packet) {
      const segment = parseSegment(packet);
      if (segment === undefined) return;
      const connection = connections.get(getKey(packet, segment));
      const syn = (segment.flags & FLAG.syn) !== 0;
      if ((segment.flags & FLAG.rst) !== 0) {
        if (connection !== undefined) close(connection, 'reset');
        return;
      }
      if (connection === undefined) {
        if (syn && (segment.flags & FLAG.ack) === 0) return open(packet, segment);
        if ((segment.flags & FLAG.fin) !== 0) {
          // The last FIN again, after both ends had closed.
          const acknowledgement = segment.sequence + segment.data.length + 1;
          emit(packet, segment, { sequence: segment.acknowledgement, acknowledgement, flags: FLAG.ack });
        } else if (segment.data.length > 0) {
          emit(packet, segment, { sequence: segment.acknowledgement, flags: FLAG.rst });
        }
        return;
      }
      if (syn) return transmit(connection);
      if ((segment.flags & FLAG.ack) !== 0) acknowledge(connection, segment);
      if (connections.has(getKey(packet, segment))) take(connection, segment);
    },
    reset() {
      for (const connection of [...connections.values()]) close(connection, 'reset');
    },
  };
}

function getKey(packet: Ipv4, ports: Pick<Segment, 'sourcePort' | 'targetPort'>): string {
  return `${packet.source}:${ports.sourcePort}>${packet.target}:${ports.targetPort}`;
}
