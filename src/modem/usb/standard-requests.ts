import {
  DESCRIPTOR,
  encodeConfiguration,
  encodeDeviceDescriptor,
  encodeDeviceQualifier,
  encodeString,
} from './descriptors.ts';
import type { Bus, ControlAnswer, DeviceLayout, Setup } from './device.ts';

const RECIPIENT = { device: 0, interface: 1, endpoint: 2 } as const;
const GET_STATUS = 0;
const CLEAR_FEATURE = 1;
const SET_FEATURE = 3;
const GET_DESCRIPTOR = 6;
const ENDPOINT_HALT = 0;

/** Answers the standard requests of every device (USB 2.0 §9.4); undefined for class and vendor requests. */
export function answerStandardRequest(
  layout: DeviceLayout,
  bus: Bus | undefined,
  setup: Setup,
): ControlAnswer | undefined {
  if ((setup.requestType & 0x60) !== 0) return undefined;
  const recipient = setup.requestType & 0x1f;
  switch (setup.request) {
    case GET_DESCRIPTOR:
      return recipient === RECIPIENT.device ? descriptor(layout, setup) : 'stall';
    case GET_STATUS:
      return Buffer.from([recipient === RECIPIENT.device ? 1 : 0, 0]);
    case CLEAR_FEATURE:
      if (recipient === RECIPIENT.endpoint && setup.value === ENDPOINT_HALT) {
        bus?.clearHalt(setup.index & 0xff);
      }
      return 'done';
    // The kernel's usb-storage sets remote wake-up on 12d1:1505. That switches some older Huawei modems, not this one.
    case SET_FEATURE:
      return 'done';
    default:
      return 'stall';
  }
}

function descriptor(layout: DeviceLayout, setup: Setup): ControlAnswer {
  switch (setup.value >> 8) {
    case DESCRIPTOR.device:
      return encodeDeviceDescriptor(layout);
    case DESCRIPTOR.configuration:
      return (setup.value & 0xff) === 0 ? encodeConfiguration(layout) : 'stall';
    case DESCRIPTOR.string:
      return encodeString(layout, setup.value & 0xff) ?? 'stall';
    case DESCRIPTOR.device_qualifier:
      return encodeDeviceQualifier(layout);
    default:
      return 'stall';
  }
}
