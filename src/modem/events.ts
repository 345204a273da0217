import type { Clock } from './clock.ts';
import { createListeners } from './listeners.ts';

/**
 * An event of the emulated modem. Tests and `wwanpi boot` decide by events alone. An event never contains a
 * password or PIN.
 */
export type ModemEvent =
  | { readonly type: 'peer'; readonly what: 'connected' | 'closed'; readonly version?: string }
  | { readonly type: 'peer-error'; readonly why: string }
  /** An error in the emulator itself: it does nothing any more, and no verdict of it counts. */
  | { readonly type: 'broken'; readonly why: string }
  | { readonly type: 'power-on' }
  | {
      readonly type: 'usb';
      readonly what: 'plug' | 'unplug' | 'reset' | 'mode-switch';
      readonly id?: string;
    }
  | { readonly type: 'usb'; readonly what: 'set-configuration'; readonly configuration: number }
  | { readonly type: 'usb'; readonly what: 'set-interface'; readonly interface: number; readonly alt: number }
  | { readonly type: 'usb'; readonly what: 'line-state'; readonly interface: number; readonly open: boolean }
  | { readonly type: 'usb'; readonly what: 'stall'; readonly request: string }
  | { readonly type: 'usb'; readonly what: 'overflow'; readonly endpoint: number }
  | { readonly type: 'scsi'; readonly lun: string; readonly cdb: string; readonly status: number }
  | { readonly type: 'registration'; readonly state: Registration }
  | { readonly type: 'pin'; readonly what: 'accepted' | 'refused' | 'blocked'; readonly retriesLeft: number }
  | { readonly type: 'at'; readonly port: string; readonly command: string; readonly answer: string }
  | { readonly type: 'at-unsolicited'; readonly port: string; readonly line: string }
  | {
      readonly type: 'qmi';
      readonly service: string;
      readonly client: number;
      readonly message: string;
      readonly transaction: number;
      /** QMI protocol error; 0 is success. */
      readonly error: number;
      /** Request TLVs, type → value, both hex. */
      readonly tlvs: Readonly<Record<string, string>>;
    }
  | {
      readonly type: 'mbim';
      readonly what: 'open' | 'close' | 'query' | 'set';
      /** `connect` and so on; unknown ones are `SERVICE/NUMBER`. */
      readonly command?: string;
      readonly transaction: number;
      /** MBIM status code; 0 is success. */
      readonly status: number;
    }
  | { readonly type: 'mbim-bad'; readonly error: number; readonly bytes: number }
  | { readonly type: 'qmi-bad'; readonly why: string; readonly bytes: number }
  | {
      readonly type: 'call';
      readonly what: 'start' | 'refuse' | 'stop' | 'hang';
      /** The protocol that asked, or the network. */
      readonly via: 'qmi' | 'mbim' | 'at' | 'network';
      readonly apn: string;
      readonly user?: string;
      readonly why?: string;
    }
  | { readonly type: 'fault'; readonly what: string; readonly state: 'begin' | 'end' }
  | {
      readonly type: 'drop';
      readonly why: string;
      /** Four hex digits; `?` for what is no Ethernet frame. */
      readonly etherType: string;
    }
  | { readonly type: 'arp'; readonly who: string }
  | {
      readonly type: 'dhcp';
      readonly received: string;
      readonly sent: 'offer' | 'ack' | 'nak' | 'nothing';
      readonly address: string;
      readonly hostName?: string;
    }
  /** Of DHCP; without DHCP, `bound` is the first packet from the address that the modem gave. */
  | { readonly type: 'lease'; readonly what: 'bound' | 'renewed' | 'released'; readonly address: string }
  | { readonly type: 'dns'; readonly name: string; readonly query: string; readonly answer: string }
  | { readonly type: 'icmp'; readonly from: string; readonly to: string; readonly bytes: number }
  | { readonly type: 'udp'; readonly to: string; readonly bytes: number }
  | {
      readonly type: 'tcp';
      readonly what: 'open' | 'established' | 'closed' | 'reset' | 'refused' | 'retransmit';
      readonly from: string;
      readonly to: string;
    }
  | {
      /** A port scan from the mobile network has ended. */
      readonly type: 'scan';
      readonly target: string;
      readonly ports: readonly TriedPort[];
    }
  | ({ readonly type: 'http' } & HttpRequest)
  /** NetworkManager's own check of the connection. */
  | ({ readonly type: 'connectivity-check' } & HttpRequest);

interface HttpRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly status: number;
}

/** A TCP port that the mobile network tried. */
export interface TriedPort {
  readonly port: number;
  readonly answer: PortAnswer;
  /** The first line that the server sent by itself, as SSH and mail servers do: `SSH-2.0-OpenSSH_9.2p1`. */
  readonly greeting?: string;
}

/** The answer of a TCP port to a SYN: it takes connections, it refuses them, or it does not answer. */
export type PortAnswer = 'open' | 'refused' | 'none';

/** The modem's registration with the mobile network. */
export type Registration = 'off' | 'searching' | 'registered' | 'denied';

/** An event with its time, in milliseconds since the modem was started. */
export type TimedEvent = ModemEvent & { readonly t: number };

/** An event of a call that the host's dialler asked for, by QMI or MBIM: none of AT, none of the network's. */
export function isDialled(event: TimedEvent): event is Extract<TimedEvent, { readonly type: 'call' }> {
  return event.type === 'call' && (event.via === 'qmi' || event.via === 'mbim');
}

/** The one log of a modem. */
export interface EventLog {
  record(event: ModemEvent): void;
  /** Everything recorded so far, oldest first. Bounded: if there are too many, the oldest are dropped. */
  readonly events: readonly TimedEvent[];
  /** Called for each later event, in order; the returned function ends that. */
  subscribe(listener: (event: TimedEvent) => void): () => void;
}

const MAX_EVENTS = 100_000;

/** Starts a log at time 0; `write` gets each event as one JSON line. */
export function createEventLog(clock: Clock, write: (line: string) => void = () => undefined): EventLog {
  const start = clock.now();
  const events: TimedEvent[] = [];
  const listeners = createListeners<[TimedEvent]>();
  return {
    events,
    record(event) {
      const timed: TimedEvent = { t: Math.round(clock.now() - start), ...event };
      events.push(timed);
      if (events.length > MAX_EVENTS) events.splice(0, MAX_EVENTS / 10);
      write(`${JSON.stringify(timed)}\n`);
      listeners.tell(timed);
    },
    subscribe: listeners.subscribe,
  };
}
