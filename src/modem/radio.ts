import type { Behaviour } from './behaviour.ts';
import { type Clock, createTimers } from './clock.ts';
import type { EventLog, Registration } from './events.ts';
import { createListeners } from './listeners.ts';
import type { Sim } from './sim.ts';

/** The modem's measurements of its cell. */
export interface Signal {
  readonly rssiDbm: number;
  readonly rsrqDb: number;
  readonly rsrpDbm: number;
  readonly snrTenthsDb: number;
}

/** The modem's radio: signal, and registration with the network. */
export interface Radio {
  readonly registration: Registration;
  /** The network is not the SIM's own. */
  readonly roaming: boolean;
  /** Undefined before the signal appears, and while the network is gone. */
  readonly signal: Signal | undefined;
  /** False in airplane mode (QMI "low power", AT+CFUN=4). */
  online: boolean;
  /** The modem has power; the time to the first signal counts from `powerOnAt`, in the clock's time. */
  powerUp(powerOnAt: number): void;
  powerDown(): void;
  /** A fault: the cell is gone, or back. */
  setCell(present: boolean): void;
  /** Called with every change of registration; the returned function ends that. */
  subscribe(listener: (registration: Registration) => void): () => void;
}

/** A radio with this behaviour; off until `powerUp`. */
export function createRadio(behaviour: Behaviour, sim: Sim, clock: Clock, log: EventLog): Radio {
  const timers = createTimers(clock);
  const listeners = createListeners<[Registration]>();
  let powered = false;
  let online = true;
  let cell = true;
  let signalAt = Number.POSITIVE_INFINITY;
  let registration: Registration = 'off';

  const hasSignal = () => powered && online && cell && clock.now() >= signalAt;

  function become(next: Registration) {
    if (next === registration) return;
    registration = next;
    log.record({ type: 'registration', state: next });
    listeners.tell(next);
  }

  /** Sets the registration anew after a change of its conditions, and again when the signal is due. */
  function reconsider() {
    timers.cancelAll();
    if (!powered || !online) return become('off');
    if (!sim.ready || !hasSignal()) {
      become('searching');
      if (clock.now() < signalAt) timers.after(signalAt - clock.now(), reconsider);
      return;
    }
    if (behaviour.registrationDenied) return become('denied');
    if (registration === 'registered') return;
    become('searching');
    timers.after(behaviour.registrationDelayMs, () => become('registered'));
  }

  sim.subscribe(reconsider);
  return {
    roaming: behaviour.roaming,
    get registration() {
      return registration;
    },
    get signal() {
      return hasSignal() ? behaviour.signal : undefined;
    },
    get online() {
      return online;
    },
    set online(value: boolean) {
      online = value;
      reconsider();
    },
    powerUp(powerOnAt) {
      powered = true;
      online = true;
      signalAt = powerOnAt + behaviour.signal.appearsAfterMs;
      reconsider();
    },
    powerDown() {
      powered = false;
      reconsider();
    },
    setCell(present) {
      cell = present;
      reconsider();
    },
    subscribe: listeners.subscribe,
  };
}
