import type { ApnRule, Behaviour } from './behaviour.ts';
import { type Clock, createTimers } from './clock.ts';
import type { EventLog } from './events.ts';
import { createListeners } from './listeners.ts';
import type { Radio } from './radio.ts';

/** A request for a data call: its owner, APN and credentials. */
export interface CallRequest {
  /** Each owner has one call: `qmi:<client>`, `mbim:<session>`, `at:<context>`. */
  readonly owner: string;
  readonly via: 'qmi' | 'mbim' | 'at';
  readonly apn: string;
  readonly user?: string;
  readonly password?: string;
  /** The kinds of authentication offered; by default the network chooses. */
  readonly auth?: readonly ('pap' | 'chap')[];
  readonly ipFamily: 4 | 6 | 'any';
}

/** Why a call failed: no network, or the network's cause (3GPP TS 24.008 §10.5.6.6). */
export type CallFailure = { readonly kind: 'no-service' } | { readonly kind: '3gpp'; readonly cause: number };

/** 3GPP session management causes, TS 24.008 §10.5.6.6. */
export const CAUSE = {
  unknownApn: 27,
  userAuthentication: 29,
  regularDeactivation: 36,
  ipv4Only: 50,
  ipv6Only: 51,
} as const;

/** The data calls of the modem. Frames pass while there is at least one. */
export interface Calls {
  readonly up: boolean;
  /** The call of this owner, if it has one. */
  has(owner: string): boolean;
  /** Starts a call; `done` gets the failure, or nothing. With the behaviour `hang`, `done` is never called. */
  start(request: CallRequest, done: (failure?: CallFailure) => void): void;
  /** Ends a call, or stops starting it. False if there was none. */
  stop(owner: string): boolean;
  /** The network ends all calls, but stays available. */
  endAll(): void;
  /** The modem lost power. */
  powerDown(): void;
  /** Called with the owner of each call that starts or ends; `failure` says why a call ended. */
  subscribe(listener: (owner: string, up: boolean, failure?: CallFailure) => void): () => void;
}

/** Starts without calls. All calls end when the radio loses its registration. */
export function createCalls(behaviour: Behaviour, radio: Radio, clock: Clock, log: EventLog): Calls {
  const timers = createTimers(clock);
  const active = new Map<string, CallRequest>();
  const starting = new Map<string, () => void>();
  const { tell, subscribe } = createListeners<[owner: string, up: boolean, failure?: CallFailure]>();
  let attempts = 0;

  function endAll(why: string, failure: CallFailure) {
    for (const [owner, call] of [...active]) {
      active.delete(owner);
      log.record({ type: 'call', what: 'stop', via: 'network', apn: call.apn, why });
      tell(owner, false, failure);
    }
  }

  radio.subscribe((registration) => {
    if (registration !== 'registered') endAll('network lost', { kind: 'no-service' });
  });

  return {
    get up() {
      return active.size > 0;
    },
    has: (owner) => active.has(owner),
    start(request, done) {
      const planned = behaviour.callAttempts[attempts];
      attempts += 1;
      const shown = {
        via: request.via,
        apn: request.apn,
        user: request.user,
      };
      if (planned === 'hang') {
        log.record({ type: 'call', what: 'hang', ...shown });
        return;
      }
      const finish = () => {
        starting.delete(request.owner);
        const failure =
          typeof planned === 'object' ? cause(planned.refuse) : checkRequest(behaviour, radio, request);
        if (failure !== undefined) {
          log.record({ type: 'call', what: 'refuse', ...shown, why: describeFailure(failure) });
          return done(failure);
        }
        active.set(request.owner, request);
        log.record({ type: 'call', what: 'start', ...shown });
        done();
        tell(request.owner, true);
      };
      starting.get(request.owner)?.();
      starting.set(request.owner, timers.after(behaviour.callSetupMs, finish));
    },
    stop(owner) {
      const cancel = starting.get(owner);
      if (cancel !== undefined) {
        cancel();
        starting.delete(owner);
        return true;
      }
      const call = active.get(owner);
      if (call === undefined) return false;
      active.delete(owner);
      log.record({ type: 'call', what: 'stop', via: call.via, apn: call.apn });
      tell(owner, false, cause(CAUSE.regularDeactivation));
      return true;
    },
    endAll: () => endAll('ended by the network', cause(CAUSE.regularDeactivation)),
    powerDown() {
      timers.cancelAll();
      starting.clear();
      active.clear();
    },
    subscribe,
  };
}

/** A failure in words, for the event log. */
export function describeFailure(failure: CallFailure): string {
  if (failure.kind === 'no-service') return 'no service';
  const name = Object.entries(CAUSE).find(([, value]) => value === failure.cause)?.[0];
  return `3GPP cause ${failure.cause}${name === undefined ? '' : ` ${name}`}`;
}

function checkRequest(behaviour: Behaviour, radio: Radio, request: CallRequest): CallFailure | undefined {
  if (radio.registration !== 'registered') return { kind: 'no-service' };
  if (behaviour.apns.length > 0) {
    const wanted = request.apn.toLowerCase();
    const rules = behaviour.apns.filter((rule) => rule.apn.toLowerCase() === wanted);
    if (rules.length === 0) return cause(behaviour.unknownApnCause);
    if (!rules.some((rule) => admits(rule, request))) return cause(CAUSE.userAuthentication);
  }
  if (request.ipFamily === 6 && behaviour.network.addressing === 'ipv4') return cause(CAUSE.ipv4Only);
  if (request.ipFamily !== 6 && behaviour.network.addressing === 'ipv6-only') return cause(CAUSE.ipv6Only);
  return undefined;
}

function admits(rule: ApnRule, request: CallRequest): boolean {
  if (rule.user === undefined) return true;
  if (request.user !== rule.user || (request.password ?? '') !== (rule.password ?? '')) return false;
  return rule.auth === undefined || request.auth === undefined || request.auth.includes(rule.auth);
}

function cause(value: number): CallFailure {
  return { kind: '3gpp', cause: value };
}
