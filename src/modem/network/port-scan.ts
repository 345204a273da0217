import type { Timers } from '../clock.ts';
import type { EventLog, TriedPort } from '../events.ts';
import { IP_PROTOCOL, type Ipv4 } from './ethernet.ts';
import { encodeSegment, FLAG, parseSegment, type Segment } from './tcp-segment.ts';

/**
 * Somebody on the mobile network who tries the Pi's TCP ports: a SYN for each, as nmap(1) does with -sS, and the greeting
 * of what takes the connection, as with --script=banner.
 */
export interface PortScan {
  /** The link is gone: a scan under way begins anew with the next start. */
  reset(): void;
  /** Begins, once; records a `scan` when every port has answered or had its time. */
  start(): void;
  /** Whether the packet was an answer to the scan. */
  input(packet: Ipv4): boolean;
}

/** A port of ours for each that is tried, where no client of the Pi's comes from. */
const FIRST_SOURCE_PORT = 61_000;
const SEQUENCE = 0x2000_0000;
const EVERY_MS = 1000;
/** How often a silent port gets a SYN. */
const TRIES = 3;
/** How many turns an open port has to send its first line. */
const GREETING_TURNS = 5;
const MAX_GREETING = 120;

/** @param options from whom and to whom; the ports to try, none for no scan; how long one that refuses is tried again */
export function createPortScan(options: {
  readonly source: string;
  readonly target: string;
  readonly ports: readonly number[];
  readonly refusedForMs: number;
  readonly send: (packet: Ipv4) => void;
  readonly timers: Timers;
  readonly log: EventLog;
}): PortScan {
  const { source, target, ports, log } = options;
  const tries = { none: TRIES, refused: Math.max(TRIES, options.refusedForMs / EVERY_MS) } as const;
  const tried = new Map<number, TriedPort>();
  /** How many turns an open port has left to greet; 0 once it is closed. */
  const listening = new Map<number, number>();
  let state: 'waiting' | 'running' | 'over' = 'waiting';

  function emit(port: number, segment: Pick<Segment, 'flags' | 'sequence'>, acknowledgement = 0) {
    const ends = { source, target, protocol: IP_PROTOCOL.tcp };
    const whole = {
      ...segment,
      sourcePort: FIRST_SOURCE_PORT + ports.indexOf(port),
      targetPort: port,
      acknowledgement,
      window: 1024,
      data: Buffer.alloc(0),
    };
    options.send({ ...ends, payload: encodeSegment(whole, ends) });
  }

  const findAnswer = (port: number) => tried.get(port)?.answer ?? 'none';

  function close(port: number) {
    listening.set(port, 0);
    emit(port, { flags: FLAG.rst, sequence: SEQUENCE + 1 });
  }

  function takeTurn(turn: number) {
    if (state !== 'running') return;
    for (const [port, left] of listening) {
      if (left === 1) close(port);
      else if (left > 1) listening.set(port, left - 1);
    }
    const again = ports.filter((port) => {
      const answer = findAnswer(port);
      return answer !== 'open' && turn < tries[answer];
    });
    if (again.length === 0 && [...listening.values()].every((left) => left === 0)) {
      state = 'over';
      const found = ports.map((port) => tried.get(port) ?? { port, answer: 'none' as const });
      return log.record({ type: 'scan', target, ports: found });
    }
    for (const port of again) emit(port, { flags: FLAG.syn, sequence: SEQUENCE });
    options.timers.after(EVERY_MS, () => takeTurn(turn + 1));
  }

  return {
    reset() {
      if (state === 'running') state = 'waiting';
      tried.clear();
      listening.clear();
    },
    start() {
      if (state !== 'waiting' || ports.length === 0) return;
      state = 'running';
      options.timers.after(EVERY_MS, () => takeTurn(0));
    },
    input(packet) {
      const segment = parseSegment(packet);
      const port = ports[(segment?.targetPort ?? 0) - FIRST_SOURCE_PORT];
      if (segment === undefined || port === undefined || segment.sourcePort !== port) return false;
      if ((segment.flags & FLAG.rst) !== 0) {
        if (findAnswer(port) === 'none') tried.set(port, { port, answer: 'refused' });
      } else if ((segment.flags & FLAG.syn) !== 0) {
        if (findAnswer(port) !== 'open') listening.set(port, GREETING_TURNS);
        tried.set(port, { ...tried.get(port), port, answer: 'open' });
        emit(port, { flags: FLAG.ack, sequence: SEQUENCE + 1 }, segment.sequence + 1);
      } else if (segment.data.length > 0 && (listening.get(port) ?? 0) > 0) {
        tried.set(port, { port, answer: 'open', greeting: readLine(segment.data) });
        close(port);
      }
      return true;
    },
  };
}

/** The first line, with dots for what is no printable ASCII. */
function readLine(data: Buffer): string {
  const [line = ''] = data.toString('latin1').split(/\r?\n/);
  return line.slice(0, MAX_GREETING).replaceAll(/[^\x20-\x7e]/g, '·');
}
