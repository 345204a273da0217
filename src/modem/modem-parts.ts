import type { Behaviour } from './behaviour.ts';
import type { Calls } from './calls.ts';
import type { Identity } from './identity.ts';
import type { Radio } from './radio.ts';
import type { Sim } from './sim.ts';
import type { Traffic } from './traffic.ts';

/** What stands behind the control channel of a modem, QMI or MBIM. */
export interface ModemParts {
  readonly behaviour: Behaviour;
  readonly identity: Identity;
  readonly sim: Sim;
  readonly radio: Radio;
  readonly calls: Calls;
  readonly traffic: Traffic;
  /** The modem leaves the bus and comes back. */
  readonly restart: () => void;
}
