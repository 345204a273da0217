import type { Core } from '../core.ts';
import type { EventLog } from '../events.ts';
import { NTB_PARAMETERS } from '../ntb.ts';
import type { Bus, ControlAnswer, Setup, UsbDevice } from './device.ts';
import { createMassStorage } from './mass-storage.ts';
import { answerStandardRequest } from './standard-requests.ts';
import type { UsbModel } from './usb-model.ts';

/** CDC 1.20 §6.2, its ECM and PSTN subclasses, NCM 1.0 §6.2 and MBIM 1.0 §8: request type and request. */
const CDC = {
  sendEncapsulatedCommand: 0x2100,
  getEncapsulatedResponse: 0xa101,
  setLineCoding: 0x2120,
  getLineCoding: 0xa121,
  setControlLineState: 0x2122,
  setCommFeature: 0x2102,
  setEthernetPacketFilter: 0x2143,
  resetFunction: 0x2105,
  getNtbParameters: 0xa180,
  setNtbFormat: 0x2184,
  setNtbInputSize: 0x2186,
  setMaxDatagramSize: 0x2188,
  setCrcMode: 0x218a,
} as const;

const LINE_CODING_115200_8N1 = Buffer.from([0x00, 0xc2, 0x01, 0, 0, 0, 8]);
const MAX_RESPONSES = 64;

/** A device in modem mode: serial ports, QMI or MBIM, network frames, maybe storage. */
export function createModemDevice(model: UsbModel, core: Core, log: EventLog): UsbDevice {
  const { layout, control: port, data } = model;
  /** RESPONSE_AVAILABLE for the control interface. */
  const notification = Buffer.from([0xa1, 0x01, 0, 0, port.interface, 0, 0, 0]);
  let bus: Bus | undefined;
  let responses: Buffer[] = [];
  const hasNtb = layout.interfaces.some(({ alternate }) => alternate !== undefined);
  let dtr = port.needsDtr !== true;

  // Already switched: the command is accepted and does nothing.
  const storage = model.storage.map((each) => ({
    ...each,
    device: createMassStorage({ ...each, bus: () => bus, log, onSwitch: () => undefined }),
  }));

  function respond(frame: Buffer) {
    // Nobody reads while /dev/cdc-wdm0 is closed, so the oldest messages are dropped.
    if (responses.length >= MAX_RESPONSES) responses.shift();
    responses.push(frame);
    bus?.interrupt(port.interrupt, notification);
  }

  function lineState(setup: Setup) {
    const open = (setup.value & 1) !== 0;
    log.record({ type: 'usb', what: 'line-state', interface: setup.index, open });
    if (setup.index === port.interface && port.needsDtr === true) dtr = open;
    const serial = model.serial.find((each) => each.interface === setup.index);
    if (serial === undefined || serial.name === 'diag') return;
    core[serial.name].setOpen(open);
    if (!open) bus?.flush(serial.inEndpoint);
  }

  function classRequest(setup: Setup, bytes: Buffer): ControlAnswer {
    for (const { device } of storage) {
      const answer = device.control(setup);
      if (answer !== undefined) return answer;
    }
    switch ((setup.requestType << 8) | setup.request) {
      case CDC.sendEncapsulatedCommand:
        if (setup.index !== port.interface) return 'stall';
        if (dtr) core.control.input(Buffer.from(bytes));
        return 'done';
      case CDC.getEncapsulatedResponse:
        if (setup.index !== port.interface) return 'stall';
        return responses.shift() ?? Buffer.alloc(0);
      case CDC.setControlLineState:
        lineState(setup);
        return 'done';
      case CDC.getNtbParameters:
        return hasNtb ? NTB_PARAMETERS : 'stall';
      case CDC.resetFunction:
      case CDC.setNtbFormat:
      case CDC.setNtbInputSize:
      case CDC.setMaxDatagramSize:
      case CDC.setCrcMode:
        return hasNtb ? 'done' : 'stall';
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

  function reset() {
    responses = [];
    for (const { device } of storage) device.reset();
  }

  return {
    layout,
    attached(to) {
      bus = to;
      responses = [];
      for (const { name, inEndpoint } of model.serial)
        core.outputs[name] = (bytes) => bus?.send(inEndpoint, bytes);
      core.outputs.network = (frame) => bus?.send(data.inEndpoint, frame);
      core.outputs.control = respond;
    },
    detached() {
      bus = undefined;
      responses = [];
    },
    reset() {
      log.record({ type: 'usb', what: 'reset' });
      reset();
    },
    setConfiguration(configuration) {
      log.record({ type: 'usb', what: 'set-configuration', configuration });
      if (configuration === 0) core.restart();
    },
    setInterface: (number, alt) => log.record({ type: 'usb', what: 'set-interface', interface: number, alt }),
    control(setup, bytes) {
      const answer = answerStandardRequest(layout, bus, setup) ?? classRequest(setup, bytes);
      if (answer === 'stall') log.record({ type: 'usb', what: 'stall', request: describe(setup) });
      return answer;
    },
    bulkOut(endpoint, bytes) {
      // An empty transfer follows a frame that fills whole packets.
      if (endpoint === data.outEndpoint) return bytes.length > 0 ? core.frame(bytes) : undefined;
      const serial = model.serial.find((each) => each.outEndpoint === endpoint);
      if (serial !== undefined) return core[serial.name].input(bytes);
      storage.find((each) => each.outEndpoint === endpoint)?.device.bulkOut(bytes);
    },
    interruptStarted(endpoint) {
      if (endpoint !== port.interrupt) return;
      for (const _ of responses) bus?.interrupt(endpoint, notification);
    },
  };
}

/** A request as text for the log: type, request, value, index, length. */
export function describe(setup: Setup): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const { requestType, request, value, index, length } = setup;
  return `${hex(requestType, 2)} ${hex(request, 2)} ${hex(value, 4)} ${hex(index, 4)} ${hex(length, 4)}`;
}
