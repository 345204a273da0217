import type { GoneCarrier } from '../carrier.ts';

const IN_CLEANUP = 'GNOME mobile-broadband-provider-info 01b2a1e, 2023-09-03: "cleanup dead providers"';
const NO_CLEANUP = 'GNOME mobile-broadband-provider-info, 2026-07-30';
const PT_CLEANUP = 'GNOME mobile-broadband-provider-info, 2025-02-27';

/** Carriers of the database that have closed or have another name today, with what says so. */
export const GONE_CARRIERS: readonly GoneCarrier[] = [
  gone(
    'in',
    ['aircel'],
    'filed for bankruptcy in 2018 and closed',
    `${IN_CLEANUP}; telecomasia.net, 2018-03-01`,
  ),
  gone('in', ['reliance'], 'closed in 2017', `${IN_CLEANUP}; telecomasia.net, 2018-03-01`),
  gone('in', ['tata-docomo'], 'was sold to Airtel', `${IN_CLEANUP}; telecomasia.net, 2018-03-01`),
  gone('in', ['spice-telecom'], 'left the data in 2023', IN_CLEANUP),
  gone('in', ['idea-cellular'], 'is Vi today: in/vi/internet', IN_CLEANUP),
  gone('br', ['oi'], 'was sold to Claro, TIM and Vivo in 2022', 'jeonline.com.br, 2022-05-16'),
  gone('no', ['tele2'], 'has closed', `${NO_CLEANUP} (4303304): "Tele2 no longer exists in Norway"`),
  gone('no', ['netcom'], 'is Telia today', `${NO_CLEANUP} (b07d1ef): "replace Netcom with Telia"`),
  gone('no', ['chess'], 'left the data in 2026', `${NO_CLEANUP} (17eb6b6): removed`),
  gone('no', ['network-norway'], 'left the data in 2026', `${NO_CLEANUP} (7847a60): removed`),
  gone('no', ['tdc'], 'left the data in 2026', `${NO_CLEANUP} (6eb4582): removed`),
  gone('no', ['telipol'], 'left the data in 2026', `${NO_CLEANUP} (debdab6): removed`),
  gone('no', ['altibox'], 'left the data in 2026', `${NO_CLEANUP} (bcb44e6): removed`),
  gone('no', ['ludo-mobil'], 'was bought and merged', `${NO_CLEANUP} (3af8994): "does not exist any more"`),
  gone('no', ['ventelo'], 'was bought by Phonero', `${NO_CLEANUP} (13e206b)`),
  gone('pt', ['clix'], 'has closed', `${PT_CLEANUP} (e82d3f9): "no longer exists"`),
  gone('pt', ['zon'], 'has closed', `${PT_CLEANUP} (f66844e): "no longer exists"`),
];

function gone(country: string, slugs: readonly string[], fate: string, source: string): GoneCarrier {
  return { country, slugs, fate, source };
}
