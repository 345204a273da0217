import type { Scenario } from './scenario.ts';
import { usual } from './scenario-parts.ts';

/** What only an image with NetworkManager and ModemManager can do. */
export const NETWORKMANAGER_SCENARIOS: readonly Scenario[] = [
  {
    ...usual,
    name: 'dead-ethernet',
    description: "a cable whose router has no internet beside the stick: the default route is the modem's",
    behaviour: {},
    machine: { ...usual.machine, ethernet: 'offline' },
    stacks: { ifupdown: { notFor: 'nothing in it looks whether a cable works' } },
  },
  {
    ...usual,
    name: 'ec25',
    description: 'another modem: a Quectel EC25, whose QMI frames carry IP alone, and which has no DHCP',
    behaviour: {},
    machine: { ...usual.machine, device: 'ec25' },
  },
  {
    ...usual,
    name: 'mbim',
    description: 'another modem: a stick that speaks MBIM',
    behaviour: {},
    machine: { ...usual.machine, device: 'mbim' },
  },
];
