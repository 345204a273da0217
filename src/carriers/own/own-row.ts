import { nameCountry } from '../../formats/country-name.ts';
import type { CarrierRow } from '../carrier.ts';

/**
 * The public collections of APNs that our rows take facts from, each as it was read. The first is in the public domain
 * (its COPYING), the others are under the Apache License 2.0.
 */
export const MBPI = 'GNOME mobile-broadband-provider-info 70bf4a2, 2026-08-04';
/** prebuilt/common/etc/apns-conf.xml. */
export const LINEAGE = 'LineageOS android_vendor_lineage apns-conf.xml 0834352, 2024-10-18';
/** apns-conf.xml, made from Google's carrier settings. */
export const GRAPHENE = 'GrapheneOS device_google_gs101 apns-conf.xml bd2d254, 2022-04-12';
/** etc/apns-full-conf.xml. */
export const AOSP = 'AOSP device/sample apns-full-conf.xml d64a03e, 2019-04-22';
/** All four agree. */
export const ALL = [MBPI, LINEAGE, GRAPHENE, AOSP] as const;
/** The three of Android agree. */
export const ANDROID = [LINEAGE, GRAPHENE, AOSP] as const;

type Optional = 'aliases' | 'plan' | 'planTypes' | 'user' | 'password' | 'auth';

/** What a row says beyond name, APN and source. */
export type RowDetails = Partial<Pick<CarrierRow, Optional>> & {
  /** A network of the carrier, as mobile country and network code: `405/857`. Most sources list the APN under it. */
  readonly network?: string;
};

/** Makes the rows of one country. */
export type AddRow = (
  provider: string,
  apn: string,
  sources: readonly string[],
  details?: RowDetails,
) => CarrierRow;

/**
 * Makes a function for the rows of a country.
 * @param country two letters
 */
export function rowsOf(country: string): AddRow {
  return (
    provider,
    apn,
    sources,
    { network, aliases = [], plan, planTypes = [], user, password, auth } = {},
  ) => ({
    ...{ country, countryName: nameCountry(country), provider, otherNames: [], aliases },
    ...{ apn, plan, planTypes, usage: 'internet', auth, user, password, dns: [] },
    source: [...sources, ...(network === undefined ? [] : [`network ${network}`])].join('; '),
  });
}
