import { type BehaviourInput, parseBehaviour } from '../../src/modem/behaviour.ts';
import { DEVICE_MODELS } from '../../src/modem/device-models.ts';
import type { DeviceName } from '../../src/modem/devices.ts';
import { createEventLog, type EventLog, type TimedEvent } from '../../src/modem/events.ts';
import { createStick, type Stick } from '../../src/modem/stick.ts';
import { createSession, type Session } from '../../src/modem/usbredir/session.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { createPeer, type Peer } from './usbredir-peer.ts';

/** A modem on a usbredir connection to a test's peer, with a clock that the test advances. */
export interface StickOnBus {
  readonly stick: Stick;
  readonly session: Session;
  readonly peer: Peer;
  readonly clock: ManualClock;
  readonly log: EventLog;
  /** Events of one type so far. */
  events<T extends TimedEvent['type']>(type: T): Extract<TimedEvent, { type: T }>[];
}

/** Says hello and is powered on, unless an option delays that. */
export function createStickOnBus(
  behaviour: BehaviourInput = {},
  options: { wait?: boolean; device?: DeviceName } = {},
): StickOnBus {
  const clock = createManualClock();
  const log = createEventLog(clock);
  const peer = createPeer((bytes) => session.receive(bytes));
  const early: Buffer[] = [];
  let connected = false;
  const session = createSession(
    (bytes) => {
      if (connected) peer.receive(bytes);
      else early.push(bytes);
    },
    {
      ready: () => stick.powerOn(),
      overflow: (endpoint) => log.record({ type: 'usb', what: 'overflow', endpoint }),
    },
  );
  const stick = createStick(
    parseBehaviour(behaviour),
    session,
    clock,
    log,
    DEVICE_MODELS[options.device ?? 'e397u'],
  );
  connected = true;
  for (const bytes of early) peer.receive(bytes);
  if (options.wait !== true) peer.hello();
  return {
    stick,
    session,
    peer,
    clock,
    log,
    events: <T extends TimedEvent['type']>(type: T) =>
      log.events.filter((event): event is Extract<TimedEvent, { type: T }> => event.type === type),
  };
}
