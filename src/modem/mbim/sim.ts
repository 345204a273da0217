import type { PinAnswer } from '../sim.ts';
import { readNumber, readText } from './fields.ts';
import { COMMAND, type MbimAnswer, type MbimParts, type MbimTable, ok, refused, STATUS } from './service.ts';

const READY = { initialized: 1, notInserted: 2, bad: 3, locked: 6 } as const;
const PIN_TYPE = { pin1: 2, puk1: 11 } as const;
const PIN_STATE = { unlocked: 0, locked: 1 } as const;
const OPERATION = { enter: 0, enable: 1, disable: 2, change: 3 } as const;
const PIN_MODE = { notSupported: 0, enabled: 1, disabled: 2 } as const;
const NUMERIC = 1;
const PIN_LENGTH = [4, 8] as const;
/** Kinds of PIN in a list; the first is PIN1. */
const KINDS = 10;

/** The SIM and its PIN (§10.5.2, 4, 5). */
export function createSimTable({ sim, indicate }: MbimParts): MbimTable {
  function readyStatus(): MbimAnswer {
    if (sim.state === 'absent') return ok(READY.notInserted, '', '', 0, 0);
    const locked = sim.state === 'dead' ? READY.bad : READY.locked;
    return ok(sim.ready ? READY.initialized : locked, sim.ready ? sim.imsi : '', sim.iccid, 0, 0);
  }

  function pinStatus(): MbimAnswer {
    const { state } = sim;
    if (state === 'absent') return refused(STATUS.simNotInserted);
    if (state === 'dead') return refused(STATUS.badSim);
    if (state === 'blocked') return ok(PIN_TYPE.puk1, PIN_STATE.locked, sim.pukRetries);
    return ok(PIN_TYPE.pin1, state === 'required' ? PIN_STATE.locked : PIN_STATE.unlocked, sim.retries);
  }

  function setPin(buffer: Buffer): MbimAnswer {
    const [type, operation] = [readNumber(buffer, 0), readNumber(buffer, 4)];
    const [pin, newPin] = [readText(buffer, 8), readText(buffer, 16)];
    if (type === undefined || operation === undefined || pin === undefined || newPin === undefined)
      return refused(STATUS.invalidParameters);
    if (sim.state === 'absent') return refused(STATUS.simNotInserted);
    if (type !== PIN_TYPE.pin1 && type !== PIN_TYPE.puk1) return refused(STATUS.noDeviceSupport);
    const act: Readonly<Record<number, () => PinAnswer>> = {
      [OPERATION.enter]: () => (type === PIN_TYPE.puk1 ? sim.unblock(pin, newPin) : sim.verify(pin)),
      [OPERATION.enable]: () => sim.protect(pin, true),
      [OPERATION.disable]: () => sim.protect(pin, false),
      [OPERATION.change]: () => sim.change(pin, newPin),
    };
    const answer = act[operation]?.();
    if (answer === undefined) return refused(STATUS.invalidParameters);
    if (answer === 'not-needed') return refused(STATUS.pinDisabled);
    // A wrong PIN is a failure with what is asked for now and the tries that are left.
    return answer === 'ok' ? pinStatus() : { ...pinStatus(), status: STATUS.failure };
  }

  sim.subscribe(() => indicate(COMMAND.subscriberReady, readyStatus().buffer));
  return {
    [COMMAND.subscriberReady]: readyStatus,
    [COMMAND.pin]: ({ isSet, buffer }) => (isSet ? setPin(buffer) : pinStatus()),
    [COMMAND.pinList]: () => {
      if (sim.state === 'absent') return refused(STATUS.simNotInserted);
      const mode = sim.state === 'disabled' ? PIN_MODE.disabled : PIN_MODE.enabled;
      const others = Array.from({ length: 4 * (KINDS - 1) }, () => PIN_MODE.notSupported);
      return ok(mode, NUMERIC, ...PIN_LENGTH, ...others);
    },
  };
}
