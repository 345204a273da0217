import { type BehaviourInput, parseBehaviour } from '../../src/modem/behaviour.ts';
import { type Core, createCore } from '../../src/modem/core.ts';
import { DEVICE_MODELS } from '../../src/modem/device-models.ts';
import type { DeviceName } from '../../src/modem/devices.ts';
import { createEventLog, type EventLog } from '../../src/modem/events.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

/** A powered modem without USB, with its modem port open, and the output of that port. */
export interface AtTerminal {
  readonly core: Core;
  readonly clock: ManualClock;
  readonly log: EventLog;
  /** Sends a line and answers with what came back at once, without echo. */
  ask(line: string): string;
  /** What came since the last look. */
  heard(): string;
}

export function createTerminal(behaviour: BehaviourInput = {}, device: DeviceName = 'e397u'): AtTerminal {
  const clock = createManualClock();
  const log = createEventLog(clock);
  const core = createCore(parseBehaviour(behaviour), clock, log, DEVICE_MODELS[device]);
  let text = '';
  core.outputs.modem = (bytes) => {
    text += bytes.toString('latin1');
  };
  core.powerUp(0);
  core.modem.setOpen(true);
  clock.advance(0);
  const heard = () => {
    const was = text;
    text = '';
    return was;
  };
  return {
    core,
    clock,
    log,
    heard,
    ask(line) {
      heard();
      core.modem.input(Buffer.from(`${line}\r`, 'latin1'));
      return heard().replace(`${line}\r`, '').trim();
    },
  };
}
