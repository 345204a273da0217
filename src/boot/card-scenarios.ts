import type { Scenario } from './scenario.ts';
import { SOON, usual } from './scenario-parts.ts';

const online = ['LTE: online, Test Mobile, 10.64.64.10, signal '];

/** Somebody has edited wwanpi.txt on a PC before the boot. */
export const CARD_SCENARIOS: readonly Scenario[] = [
  {
    ...usual,
    name: 'apn-on-card',
    description: 'another APN in wwanpi.txt, as Notepad saves it: online with it in this same boot',
    behaviour: {},
    machine: { ...usual.machine, supervisor: SOON, set: { apn: 'apn.on.the.card' } },
    expected: {
      ...usual.expected,
      journal: 'wwanpi.txt has new values: apn',
      statusFile: [...online, 'SETTINGS: the Pi uses those in wwanpi.txt.', 'No check failed.'],
    },
  },
  {
    ...usual,
    name: 'bad-apn-on-card',
    description: 'an APN with a space in wwanpi.txt: online with the old one, the status file names the line',
    behaviour: {},
    machine: { ...usual.machine, supervisor: SOON, set: { apn: 'apn on the card', metric: '77' } },
    expected: {
      ...usual.expected,
      journal: 'wwanpi.txt is refused, and all settings stay as they are',
      statusFile: [...online, 'nothing of wwanpi.txt was taken over', 'line 10: apn: '],
    },
  },
  {
    ...usual,
    name: 'secrets-on-card',
    description: 'user, password and PIN in wwanpi.txt: online with them, and no secret is left to read',
    behaviour: { pin: { state: 'required' } },
    network: { apn: 'expected', credentials: true, pin: 'expected' },
    machine: {
      ...usual.machine,
      supervisor: SOON,
      set: { user: 'card', password: 'Typed#On9Card', auth: 'chap', pin: '90472615' },
    },
    expected: { ...usual.expected, statusFile: online },
  },
  {
    ...usual,
    name: 'power-cut-in-settings',
    description:
      'the power is cut at four moments of taking wwanpi.txt over; then it is online with the new APN',
    behaviour: {},
    machine: {
      ...usual.machine,
      supervisor: SOON,
      set: { apn: 'apn.on.the.card', metric: '77' },
      powerCutsInSettingsMs: [500, 1500, 2500, 4000],
    },
    expected: { ...usual.expected, statusFile: online },
  },
];
