import { u8 } from '../little-endian.ts';
import type { Sim } from '../sim.ts';
import { createPinMessages, PIN_STATE } from './pin-messages.ts';
import { ok, QMI_ERROR, type QmiService, refused } from './service.ts';

const PINS = { protect: 0x0027, verify: 0x0028, unblock: 0x0029, change: 0x002a, tlv: 0x01 } as const;
const MESSAGE = {
  getPinStatus: 0x002b,
  getIccid: 0x003c,
  getCkStatus: 0x0040,
  getImsi: 0x0043,
  getState: 0x0044,
} as const;

/** The state of a facility lock that is off, with the tries of its key: QmiDmsUimFacilityState. */
const FACILITY_OFF = [0, 10, 10];
const STATE = { complete: 0, locked: 1, absent: 2 } as const;

/** The SIM's messages in the service DMS. Newer firmware refuses them: it has the service UIM. */
export function createDmsUim(sim: Sim): Required<Pick<QmiService, 'messages' | 'secrets'>> {
  const { messages, secrets } = createPinMessages(sim, PINS);
  const uninitialized = refused(QMI_ERROR.UimUninitialized);
  return {
    secrets,
    messages: {
      ...messages,
      [MESSAGE.getPinStatus]: () =>
        sim.state === 'absent'
          ? uninitialized
          : ok(
              [0x11, Buffer.from([PIN_STATE[sim.state], sim.retries, sim.pukRetries])],
              [0x12, Buffer.from([1, 3, 10])],
            ),
      [MESSAGE.getIccid]: () => (sim.state === 'absent' ? uninitialized : ok([0x01, Buffer.from(sim.iccid)])),
      [MESSAGE.getImsi]: () => (sim.ready ? ok([0x01, Buffer.from(sim.imsi)]) : uninitialized),
      [MESSAGE.getCkStatus]: () =>
        sim.state === 'absent' ? uninitialized : ok([0x01, Buffer.from(FACILITY_OFF)]),
      [MESSAGE.getState]: () => {
        const { absent, complete, locked } = STATE;
        return ok([0x01, u8(sim.state === 'absent' ? absent : sim.ready ? complete : locked)]);
      },
    },
  };
}
