import type { Behaviour } from './behaviour.ts';
import type { EventLog } from './events.ts';
import { createListeners } from './listeners.ts';

/** The state of the SIM's PIN1; `absent`: there is no SIM. */
export type PinState = 'absent' | 'disabled' | 'required' | 'verified' | 'blocked' | 'dead';

/** The outcome of a try of a PIN or PUK. */
export type PinAnswer = 'ok' | 'wrong' | 'blocked' | 'not-needed';

/** The SIM card: PIN1, its PUK and the tries left of both. Unplugging keeps the tries, but not the verified PIN. */
export interface Sim {
  readonly state: PinState;
  readonly retries: number;
  readonly pukRetries: number;
  readonly imsi: string;
  readonly iccid: string;
  readonly ready: boolean;
  verify(pin: string): PinAnswer;
  /** Enters the PUK and sets a new PIN. */
  unblock(puk: string, newPin: string): PinAnswer;
  /** Turns the PIN request on or off. */
  protect(pin: string, on: boolean): PinAnswer;
  /** Replaces the PIN; only while the PIN request is on (3GPP TS 31.101 §11.1.10). */
  change(oldPin: string, newPin: string): PinAnswer;
  /** The modem lost power. */
  powerDown(): void;
  /** Called after every change of `ready`; the returned function ends that. */
  subscribe(listener: () => void): () => void;
}

/** The card the behaviour describes. */
export function createSim({ pin: rules, sim: card }: Behaviour, log: EventLog): Sim {
  let pin = rules.pin;
  let enabled = rules.state !== 'disabled';
  let verified = false;
  let retries = rules.state === 'blocked' ? 0 : rules.retries;
  let pukRetries = rules.pukRetries;
  const listeners = createListeners<[]>();
  const record = (what: 'accepted' | 'refused' | 'blocked', retriesLeft: number) =>
    log.record({ type: 'pin', what, retriesLeft });

  function check(given: string): PinAnswer {
    if (retries === 0) return 'blocked';
    if (given === pin) {
      retries = rules.retries;
      record('accepted', retries);
      return 'ok';
    }
    retries -= 1;
    record(retries === 0 ? 'blocked' : 'refused', retries);
    return retries === 0 ? 'blocked' : 'wrong';
  }

  const sim: Sim = {
    imsi: '001010123456789',
    iccid: '89860000000000000001',
    get state() {
      if (card === 'absent') return 'absent';
      if (!enabled) return 'disabled';
      if (retries === 0) return pukRetries === 0 ? 'dead' : 'blocked';
      return verified ? 'verified' : 'required';
    },
    get retries() {
      return retries;
    },
    get pukRetries() {
      return pukRetries;
    },
    get ready() {
      return sim.state === 'disabled' || sim.state === 'verified';
    },
    verify(given) {
      if (card === 'absent') return 'blocked';
      if (!enabled || (verified && retries > 0)) return 'not-needed';
      const answer = check(given);
      verified = answer === 'ok';
      if (verified) listeners.tell();
      return answer;
    },
    unblock(puk, newPin) {
      if (sim.state !== 'blocked')
        return sim.state === 'dead' || card === 'absent' ? 'blocked' : 'not-needed';
      if (puk !== rules.puk) {
        pukRetries -= 1;
        record(pukRetries === 0 ? 'blocked' : 'refused', pukRetries);
        return pukRetries === 0 ? 'blocked' : 'wrong';
      }
      pin = newPin;
      retries = rules.retries;
      pukRetries = rules.pukRetries;
      verified = true;
      record('accepted', pukRetries);
      listeners.tell();
      return 'ok';
    },
    protect(given, on) {
      if (card === 'absent') return 'blocked';
      if (on === enabled) return 'not-needed';
      const answer = check(given);
      if (answer !== 'ok') return answer;
      enabled = on;
      verified = true;
      listeners.tell();
      return 'ok';
    },
    change(given, newPin) {
      if (card === 'absent') return 'blocked';
      if (!enabled) return 'not-needed';
      const answer = check(given);
      if (answer !== 'ok') return answer;
      pin = newPin;
      verified = true;
      listeners.tell();
      return 'ok';
    },
    powerDown() {
      verified = false;
    },
    subscribe: listeners.subscribe,
  };
  return sim;
}
