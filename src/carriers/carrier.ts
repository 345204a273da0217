import type { InputRecord } from '../core/model.ts';
import { foldWords } from '../formats/fold-text.ts';
import type { ProviderApn } from '../formats/provider-info.ts';

/** One APN that `--carrier` can name. */
export interface Carrier extends ProviderApn {
  /**
   * The value of `--carrier`: `us/t-mobile` for the recommended APN, with a third part for any other:
   * `us/t-mobile/epc.tmobile.com`.
   */
  readonly id: string;
  /** The first two parts of the id, which all APNs of the carrier have in common. */
  readonly carrierId: string;
  /** The second part of the id, and its aliases. */
  readonly slugs: readonly string[];
  /** Whether `--carrier` takes it when only the carrier is named. At most one APN of a carrier is. */
  readonly recommended: boolean;
  /** Whether the carrier is in wwanpi's own table, which has the largest ones; they rank first. */
  readonly large: boolean;
  /** What became of the carrier if it has closed: "closed in 2018". */
  readonly gone: string | undefined;
  /** Where the row comes from. */
  readonly source: string;
}

/** Every carrier wwanpi knows, and the record of the database they come from, for manifests. */
export interface CarrierData {
  readonly carriers: readonly Carrier[];
  readonly input: InputRecord;
}

/** A row of the database, or one of ours, that has no id yet. */
export interface CarrierRow extends ProviderApn {
  /** Further slugs of the carrier. */
  readonly aliases: readonly string[];
  readonly source: string;
}

/** A carrier that has closed, or has another name today. Its rows in the database are kept, but not offered. */
export interface GoneCarrier {
  readonly country: string;
  /** Its slugs in the database. */
  readonly slugs: readonly string[];
  /** What became of it, without a full stop: "closed in 2018". */
  readonly fate: string;
  readonly source: string;
}

/** Whether the APN is for internet access, as `--carrier` needs it. AT&T's "mms-internet-hipri" is one, too. */
export function isInternet({ usage, apn }: Pick<ProviderApn, 'usage' | 'apn'>): boolean {
  return /(^|-)internet(-|$)/.test(usage) && !isVoice(apn);
}

/** Whether `wwanpi carriers` offers it by default. */
export function isOffered(carrier: Pick<Carrier, 'usage' | 'apn' | 'gone'>): boolean {
  return isInternet(carrier) && carrier.gone === undefined;
}

/** Turns a name into a part of an id: lower case letters of any script, digits and hyphens. */
export function toSlug(name: string): string {
  // Normalized before, too: wide and raised signs are signs as well.
  const spoken = name.normalize('NFKD').replaceAll('&', ' and ').replaceAll('+', ' plus ');
  return foldWords(spoken).join('-');
}

/** IMS carries calls, not internet access (3GPP TS 23.228); GSMA IR.88 names its APN "ims". The database has vzwims. */
function isVoice(apn: string): boolean {
  return /^(vzw)?ims$/i.test(apn);
}
