import { INTERNATIONAL, nameCountry } from '../formats/country-name.ts';
import type { CarrierRow } from './carrier.ts';

/** When the table was last compared with its sources. */
export const OVERLAY_DATE = '2026-11-30';

/**
 * Carriers that mobile-broadband-provider-info lacks, or lists without an APN (seen in 20230416). Each row takes facts,
 * not text, from its source. None of these APNs needs a user name.
 */
export const CARRIER_OVERLAY: readonly CarrierRow[] = [
  us('MetroPCS', 'fast.metropcs.com', {
    aliases: ['metro', 'metro-by-t-mobile'],
    planTypes: ['prepaid'],
    source: 'AOSP device/sample etc/apns-full-conf.xml, 2019-04-22: carrier_id 1949, type default',
  }),
  us('Cricket', 'endo', {
    aliases: ['cricket-wireless', 'cricket-communications'],
    plan: 'LTE',
    planTypes: ['prepaid'],
    source: 'AOSP device/sample etc/apns-full-conf.xml, later than 2019: 310/150',
  }),
  us('Cricket', 'ndo', {
    aliases: ['cricket-wireless', 'cricket-communications'],
    plan: 'older SIM cards',
    planTypes: ['prepaid'],
    source: 'AOSP device/sample etc/apns-full-conf.xml, 2019-04-22: 310/150',
  }),
  us('Google Fi', 'h2g2', {
    aliases: ['fi', 'project-fi', 'google-fi-wireless'],
    planTypes: ['postpaid'],
    // The source's user and password "none" mean no credentials.
    source: 'AOSP device/sample etc/apns-full-conf.xml, 2019-04-22: 310/260, type default',
  }),
  us('FreedomPop', 'fp.com.attz', {
    planTypes: ['prepaid'],
    source: 'jmaclabs, "Huawei E397u-53 on a Raspberry Pi": AT^NDISDUP=1,1,"fp.com.attz" as it was used',
  }),
  international('emnify', 'em', {
    source: 'docs.emnify.com/glossary, "APN": em or emnify',
  }),
  international('Hologram', 'hologram', {
    source: 'community.hologram.io, topic 2593: AT+CGDCONT=1,"IP","hologram"',
  }),
];

type Details = Pick<CarrierRow, 'source'> & Partial<Pick<CarrierRow, 'aliases' | 'plan' | 'planTypes'>>;

function us(provider: string, apn: string, details: Details): CarrierRow {
  return row('us', 'United States', provider, apn, details);
}

/** SIM cards that roam everywhere. */
function international(provider: string, apn: string, details: Details): CarrierRow {
  return row(INTERNATIONAL, nameCountry(INTERNATIONAL), provider, apn, { ...details, plan: 'IoT SIM' });
}

function row(
  country: string,
  countryName: string,
  provider: string,
  apn: string,
  { aliases = [], plan, planTypes = [], source }: Details,
): CarrierRow {
  return {
    country,
    countryName,
    provider,
    otherNames: [],
    aliases,
    apn,
    plan,
    planTypes,
    usage: 'internet',
    auth: undefined,
    user: undefined,
    password: undefined,
    dns: [],
    source,
  };
}
