import { INTERNATIONAL } from '../formats/country-name.ts';
import type { CarrierRow } from './carrier.ts';
import { AFRICA } from './own/africa.ts';
import { AMERICAS } from './own/americas.ts';
import { ASIA } from './own/asia.ts';
import { EUROPE } from './own/europe.ts';
import { rowsOf } from './own/own-row.ts';

/** When the table was last compared with its sources. */
export const OVERLAY_DATE = '2026-11-30';

const international = rowsOf(INTERNATIONAL);

/**
 * wwanpi's own table: the APN to recommend for the three largest carriers of the thirty most populous countries, and
 * carriers that mobile-broadband-provider-info lacks (seen in 20230416). Each row takes facts, not text, from its
 * sources, which it names with their dates. The first row of a carrier is the recommended one.
 */
export const CARRIER_OVERLAY: readonly CarrierRow[] = [
  ...AFRICA,
  ...AMERICAS,
  ...ASIA,
  ...EUROPE,
  // SIM cards that roam everywhere.
  international('emnify', 'em', ['docs.emnify.com/glossary, "APN": em or emnify'], { plan: 'IoT SIM' }),
  international('Hologram', 'hologram', ['community.hologram.io, topic 2593: AT+CGDCONT=1,"IP","hologram"'], {
    plan: 'IoT SIM',
  }),
];
