import type { Core } from '../core.ts';
import type { EventLog } from '../events.ts';
import type { Bus, ControlAnswer, Setup, UsbDevice } from './device.ts';
import { MODEM_ENDPOINT, MODEM_INTERFACE, MODEM_LAYOUT } from './e397-layout.ts';
import { createIsoImage } from './iso-image.ts';
import { createMassStorage } from './mass-storage.ts';
import { answerStandardRequest } from './standard-requests.ts';

/** CDC 1.20 §6.2 and its ECM and PSTN subclasses: request type and request. */
const CDC = {
  sendEncapsulatedCommand: 0x2100,
  getEncapsulatedResponse: 0xa101,
  setLineCoding: 0x2120,
  getLineCoding: 0xa121,
  setControlLineState: 0x2122,
  setCommFeature: 0x2102,
  setEthernetPacketFilter: 0x2143,
} as const;

/** RESPONSE_AVAILABLE for the QMI interface. */
const NOTIFICATION = Buffer.from([0xa1, 0x01, 0, 0, MODEM_INTERFACE.qmi, 0, 0, 0]);
const LINE_CODING_115200_8N1 = Buffer.from([0x00, 0xc2, 0x01, 0, 0, 0, 8]);
const MAX_RESPONSES = 64;

/** The device in modem mode, 12d1:1506: AT ports, QMI, network frames, and two storage interfaces. */
export function createModemDevice(core: Core, log: EventLog): UsbDevice {
  let bus: Bus | undefined;
  let responses: Buffer[] = [];

  const storage = {
    bus: () => bus,
    log,
    // Already switched: the command is accepted and does nothing.
    onSwitch: () => undefined,
  };
  const cd = createMassStorage({
    ...storage,
    interface: MODEM_INTERFACE.cd,
    inEndpoint: MODEM_ENDPOINT.cdIn,
    outEndpoint: MODEM_ENDPOINT.cdOut,
    drive: { kind: 'cdrom', product: 'Mass Storage', medium: createIsoImage('MOBILE') },
  });
  const card = createMassStorage({
    ...storage,
    interface: MODEM_INTERFACE.card,
    inEndpoint: MODEM_ENDPOINT.cardIn,
    outEndpoint: MODEM_ENDPOINT.cardOut,
    drive: { kind: 'disk', product: 'TF CARD Storage' },
  });

  function respond(frame: Buffer) {
    // Nobody reads while /dev/cdc-wdm0 is closed, so the oldest messages are dropped.
    if (responses.length >= MAX_RESPONSES) responses.shift();
    responses.push(frame);
    bus?.interrupt(MODEM_ENDPOINT.qmiInterrupt, NOTIFICATION);
  }

  function lineState(setup: Setup) {
    const open = (setup.value & 1) !== 0;
    log.record({ type: 'usb', what: 'line-state', interface: setup.index, open });
    if (setup.index === MODEM_INTERFACE.modem) {
      core.modem.setOpen(open);
      if (!open) bus?.flush(MODEM_ENDPOINT.modemIn);
    } else if (setup.index === MODEM_INTERFACE.pcui) {
      core.pcui.setOpen(open);
      if (!open) bus?.flush(MODEM_ENDPOINT.pcuiIn);
    }
  }

  function classRequest(setup: Setup, data: Buffer): ControlAnswer {
    const fromStorage = cd.control(setup) ?? card.control(setup);
    if (fromStorage !== undefined) return fromStorage;
    switch ((setup.requestType << 8) | setup.request) {
      case CDC.sendEncapsulatedCommand:
        if (setup.index !== MODEM_INTERFACE.qmi) return 'stall';
        core.qmi.input(Buffer.from(data));
        return 'done';
      case CDC.getEncapsulatedResponse:
        if (setup.index !== MODEM_INTERFACE.qmi) return 'stall';
        return responses.shift() ?? Buffer.alloc(0);
      case CDC.setControlLineState:
        lineState(setup);
        return 'done';
      case CDC.setLineCoding:
      case CDC.setCommFeature:
      case CDC.setEthernetPacketFilter:
        return 'done';
      case CDC.getLineCoding:
        return LINE_CODING_115200_8N1;
      default:
        return 'stall';
    }
  }

  return {
    layout: MODEM_LAYOUT,
    attached(to) {
      bus = to;
      responses = [];
      core.outputs.modem = (bytes) => bus?.send(MODEM_ENDPOINT.modemIn, bytes);
      core.outputs.diag = (bytes) => bus?.send(MODEM_ENDPOINT.diagIn, bytes);
      core.outputs.pcui = (bytes) => bus?.send(MODEM_ENDPOINT.pcuiIn, bytes);
      core.outputs.network = (frame) => bus?.send(MODEM_ENDPOINT.dataIn, frame);
      core.outputs.qmi = respond;
    },
    detached() {
      bus = undefined;
      responses = [];
    },
    reset() {
      log.record({ type: 'usb', what: 'reset' });
      responses = [];
      cd.reset();
      card.reset();
    },
    setConfiguration(configuration) {
      log.record({ type: 'usb', what: 'set-configuration', configuration });
      if (configuration === 0) core.restart();
    },
    setInterface: (number, alt) => log.record({ type: 'usb', what: 'set-interface', interface: number, alt }),
    control(setup, data) {
      const answer = answerStandardRequest(MODEM_LAYOUT, bus, setup) ?? classRequest(setup, data);
      if (answer === 'stall') log.record({ type: 'usb', what: 'stall', request: describe(setup) });
      return answer;
    },
    bulkOut(endpoint, data) {
      if (endpoint === MODEM_ENDPOINT.modemOut) core.modem.input(data);
      else if (endpoint === MODEM_ENDPOINT.pcuiOut) core.pcui.input(data);
      else if (endpoint === MODEM_ENDPOINT.diagOut) core.diag.input(data);
      else if (endpoint === MODEM_ENDPOINT.cdOut) cd.bulkOut(data);
      else if (endpoint === MODEM_ENDPOINT.cardOut) card.bulkOut(data);
      // An empty transfer follows a frame that fills whole packets.
      else if (endpoint === MODEM_ENDPOINT.dataOut && data.length > 0) core.frame(data);
    },
    interruptStarted(endpoint) {
      if (endpoint !== MODEM_ENDPOINT.qmiInterrupt) return;
      for (const _ of responses) bus?.interrupt(endpoint, NOTIFICATION);
    },
  };
}

/** A request as text for the log: type, request, value, index, length. */
export function describe(setup: Setup): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const { requestType, request, value, index, length } = setup;
  return `${hex(requestType, 2)} ${hex(request, 2)} ${hex(value, 4)} ${hex(index, 4)} ${hex(length, 4)}`;
}
