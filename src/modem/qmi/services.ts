import type { ModemParts } from '../modem-parts.ts';
import { createDms } from './dms.ts';
import { createDmsUim } from './dms-uim.ts';
import type { QmiFirmware } from './firmware.ts';
import { createNas } from './nas.ts';
import { SERVICE } from './qmux.ts';
import { type Indicate, ok, type QmiService } from './service.ts';
import { createUim } from './uim.ts';
import { createWda } from './wda.ts';
import { createWds } from './wds.ts';
import { createWms } from './wms.ts';

/** The services of a QMI modem with this firmware. */
export function createQmiServices(
  parts: ModemParts,
  firmware: QmiFirmware,
  indicate: Indicate,
): readonly QmiService[] {
  const { behaviour, identity, sim, radio, calls, traffic, restart } = parts;
  const version = firmware.versions.dms;
  const dms = { identity, version, radio, restart };
  return [
    createWds(behaviour, calls, traffic, indicate, firmware),
    createDms(firmware.isNew ? dms : { ...dms, uim: createDmsUim(sim) }),
    createNas(behaviour, radio, indicate, firmware),
    emptyService(SERVICE.QOS, 'QOS', [1, 2]),
    createWms(firmware),
    ...(firmware.isNew
      ? [createUim(sim, indicate), createWda()]
      : [emptyService(SERVICE.PDS, 'PDS', [1, 4])]),
  ];
}

/** A service that the modem lists, and that no test uses. */
function emptyService(number: number, name: string, version: [number, number]): QmiService {
  return { number, name, version, messages: { 0: () => ok() } };
}
