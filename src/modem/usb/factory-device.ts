import type { EventLog } from '../events.ts';
import type { Bus, UsbDevice } from './device.ts';
import { FACTORY_ENDPOINT, FACTORY_LAYOUT } from './e397-layout.ts';
import { createIsoImage } from './iso-image.ts';
import { createMassStorage } from './mass-storage.ts';
import { describe } from './modem-device.ts';
import { answerStandardRequest } from './standard-requests.ts';

/** The modem in factory mode, 12d1:1505: a CD-ROM that waits for Huawei's switch command. */
export function createFactoryDevice(log: EventLog, onSwitch: () => void): UsbDevice {
  let bus: Bus | undefined;
  const cd = createMassStorage({
    interface: 0,
    inEndpoint: FACTORY_ENDPOINT.cdIn,
    outEndpoint: FACTORY_ENDPOINT.cdOut,
    drive: { kind: 'cdrom', product: 'Mass Storage', medium: createIsoImage('MOBILE') },
    bus: () => bus,
    log,
    onSwitch,
  });
  return {
    layout: FACTORY_LAYOUT,
    attached(to) {
      bus = to;
    },
    detached() {
      bus = undefined;
    },
    reset() {
      log.record({ type: 'usb', what: 'reset' });
      cd.reset();
    },
    setConfiguration: (configuration) =>
      log.record({ type: 'usb', what: 'set-configuration', configuration }),
    setInterface: (number, alt) => log.record({ type: 'usb', what: 'set-interface', interface: number, alt }),
    control(setup) {
      const answer = answerStandardRequest(FACTORY_LAYOUT, bus, setup) ?? cd.control(setup) ?? 'stall';
      if (answer === 'stall') log.record({ type: 'usb', what: 'stall', request: describe(setup) });
      return answer;
    },
    bulkOut(endpoint, data) {
      if (endpoint === FACTORY_ENDPOINT.cdOut) cd.bulkOut(data);
    },
    interruptStarted: () => undefined,
  };
}
