import { csq } from '../at/radio-commands.ts';
import type { Registration } from '../events.ts';
import { formatPlmn } from '../plmn.ts';
import { encodeFields, readNumber, readText } from './fields.ts';
import { COMMAND, type MbimAnswer, type MbimParts, type MbimTable, ok, refused, STATUS } from './service.ts';

const REGISTER_STATE: Readonly<Record<Registration, number>> = {
  off: 1,
  searching: 2,
  registered: 3,
  denied: 6,
};
const ROAMING = 4;
const MODE = { automatic: 1, manual: 2 } as const;
const ACTION = { automatic: 0, manual: 1 } as const;
const GSM_CLASS = 1;
const LTE = 0x20;
const AUTOMATIC_ATTACH = 2;
const UNKNOWN_RATE = 99;
const PROVIDER = { home: 1, visible: 8, registered: 16 } as const;
/** Network error of a SIM that the network refuses: "PLMN not allowed" (TS 24.008 §10.5.5.14). */
const PLMN_NOT_ALLOWED = 11;
const PACKET = { attached: 2, detached: 4 } as const;
const PACKET_ACTION = { attach: 0, detach: 1 } as const;
const SPEEDS = [50_000_000n, 100_000_000n] as const;
const HINT = { intervalSeconds: 30, rssi: 1, errorRate: 1 } as const;

/** Network, signal and packet service (§10.5.6 to 11). */
export function createRegistrationTable(parts: MbimParts): {
  readonly table: MbimTable;
  isAttached(): boolean;
} {
  const { behaviour, radio, sim, indicate } = parts;
  const { network } = behaviour;
  let mode: number = MODE.automatic;
  let detached = false;
  const plmn = formatPlmn(network);
  const isRegistered = () => radio.registration === 'registered';
  const isAttached = () => isRegistered() && !detached;

  function registerState(): MbimAnswer {
    const { registration } = radio;
    const registered = isRegistered();
    return ok(
      registration === 'denied' ? PLMN_NOT_ALLOWED : 0,
      registered && radio.roaming ? ROAMING : REGISTER_STATE[registration],
      mode,
      registered ? LTE : 0,
      GSM_CLASS,
      ...(registered ? [plmn, network.operator] : ['', '']),
      '',
      AUTOMATIC_ATTACH,
    );
  }

  function packetService(): MbimAnswer {
    const attached = isAttached();
    const speeds = attached ? SPEEDS : [0n, 0n];
    return ok(0, attached ? PACKET.attached : PACKET.detached, attached ? LTE : 0, ...speeds);
  }

  const signalState = () => ok(csq(radio), UNKNOWN_RATE, HINT.intervalSeconds, HINT.rssi, HINT.errorRate);
  const provider = (state: number) =>
    encodeFields([plmn, state, network.operator, GSM_CLASS, csq(radio), UNKNOWN_RATE]);

  function register(buffer: Buffer): MbimAnswer {
    const [wanted, action] = [readText(buffer, 0), readNumber(buffer, 8)];
    if (wanted === undefined || (action !== ACTION.automatic && action !== ACTION.manual))
      return refused(STATUS.invalidParameters);
    if (!radio.online) return refused(STATUS.radioPowerOff);
    if (action === ACTION.manual && wanted !== plmn) return refused(STATUS.providersNotFound);
    mode = action === ACTION.manual ? MODE.manual : MODE.automatic;
    return registerState();
  }

  radio.subscribe((registration) => {
    if (registration === 'off') detached = false;
    indicate(COMMAND.registerState, registerState().buffer);
    indicate(COMMAND.packetService, packetService().buffer);
    indicate(COMMAND.signalState, signalState().buffer);
  });

  return {
    isAttached,
    table: {
      [COMMAND.homeProvider]: () =>
        sim.ready ? { status: STATUS.ok, buffer: provider(PROVIDER.home) } : refused(STATUS.pinRequired),
      [COMMAND.preferredProviders]: () => ok({ structs: [] }),
      [COMMAND.visibleProviders]: () => {
        if (!radio.online) return refused(STATUS.radioPowerOff);
        if (radio.signal === undefined) return ok({ structs: [] });
        const home = radio.roaming ? 0 : PROVIDER.home;
        const state = home | PROVIDER.visible | (isRegistered() ? PROVIDER.registered : 0);
        return ok({ structs: [provider(state)] });
      },
      [COMMAND.registerState]: ({ isSet, buffer }) => (isSet ? register(buffer) : registerState()),
      [COMMAND.packetService]: ({ isSet, buffer }) => {
        if (!isSet) return packetService();
        const action = readNumber(buffer, 0);
        if (action !== PACKET_ACTION.attach && action !== PACKET_ACTION.detach)
          return refused(STATUS.invalidParameters);
        if (!isRegistered()) return refused(STATUS.notRegistered);
        detached = action === PACKET_ACTION.detach;
        return packetService();
      },
      [COMMAND.signalState]: () => signalState(),
    },
  };
}
