import type { Timers } from '../clock.ts';
import type { EventLog, PortAnswer } from '../events.ts';
import { IP_PROTOCOL, type Ipv4 } from './ethernet.ts';
import { encodeSegment, FLAG, parseSegment, type Segment } from './tcp-segment.ts';

/** Somebody on the mobile network who tries the Pi's TCP ports, as nmap(1) does with -sS: a SYN for each. */
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
const TRIES = 3;

/** @param options from whom and to whom; the ports to try, none for no scan */
export function createPortScan(options: {
  readonly source: string;
  readonly target: string;
  readonly ports: readonly number[];
  readonly send: (packet: Ipv4) => void;
  readonly timers: Timers;
  readonly log: EventLog;
}): PortScan {
  const { source, target, ports, log } = options;
  const answers = new Map<number, PortAnswer>();
  let state: 'waiting' | 'running' | 'over' = 'waiting';

  function emit(port: number, segment: Pick<Segment, 'flags' | 'sequence'>) {
    const ends = { source, target, protocol: IP_PROTOCOL.tcp };
    const whole = {
      ...segment,
      sourcePort: FIRST_SOURCE_PORT + ports.indexOf(port),
      targetPort: port,
      acknowledgement: 0,
      window: 1024,
      data: Buffer.alloc(0),
    };
    options.send({ ...ends, payload: encodeSegment(whole, ends) });
  }

  function tryPorts(tries: number) {
    if (state !== 'running') return;
    const silent = ports.filter((port) => !answers.has(port));
    if (tries === 0 || silent.length === 0) {
      state = 'over';
      const found = ports.map((port) => ({ port, answer: answers.get(port) ?? ('none' as const) }));
      return log.record({ type: 'scan', target, ports: found });
    }
    for (const port of silent) emit(port, { flags: FLAG.syn, sequence: SEQUENCE });
    options.timers.after(EVERY_MS, () => tryPorts(tries - 1));
  }

  return {
    reset() {
      if (state === 'running') state = 'waiting';
      answers.clear();
    },
    start() {
      if (state !== 'waiting' || ports.length === 0) return;
      state = 'running';
      options.timers.after(EVERY_MS, () => tryPorts(TRIES));
    },
    input(packet) {
      const segment = parseSegment(packet);
      const port = ports[(segment?.targetPort ?? 0) - FIRST_SOURCE_PORT];
      if (segment === undefined || port === undefined || segment.sourcePort !== port) return false;
      if ((segment.flags & FLAG.rst) !== 0) answers.set(port, 'refused');
      else if ((segment.flags & FLAG.syn) !== 0) {
        answers.set(port, 'open');
        emit(port, { flags: FLAG.rst, sequence: SEQUENCE + 1 });
      }
      return true;
    },
  };
}
