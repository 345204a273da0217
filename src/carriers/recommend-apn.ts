import type { ProviderApn } from '../formats/provider-info.ts';
import { type Carrier, type CarrierRow, isInternet } from './carrier.ts';

/**
 * Decides which APN of a carrier `--carrier` takes when only the carrier is named: the first one of our own table, or
 * else the only one that is for everybody. If that leaves several, nobody can decide it here: undefined.
 * @param rows the rows of one carrier
 */
export function recommendApn<Row extends CarrierRow>(
  rows: readonly Row[],
  isOurs: (row: Row) => boolean,
): Row | undefined {
  const internet = rows.filter(isInternet);
  const ours = internet.find(isOurs);
  if (ours !== undefined) return ours;
  const [only, ...others] = internet.length === 1 ? internet : internet.filter((row) => !isSpecial(row));
  const isSame = (row: Row): boolean =>
    only?.apn === row.apn && only.user === row.user && only.password === row.password;
  return others.every(isSame) ? only : undefined;
}

/** Sorts a carrier's APNs: the recommended one, those for everybody, for some, and not for internet access. */
export function byRank(a: Carrier, b: Carrier): number {
  return rankApn(a) - rankApn(b);
}

function rankApn(row: Carrier): number {
  if (row.recommended) return 0;
  return isInternet(row) ? (isSpecial(row) ? 2 : 1) : 3;
}

/**
 * Whether an APN is for some customers only: an old one, one for companies or machines, with a static address, for
 * IPv6 only, or for the small pages of old phones. The words are those of the database's plans.
 */
function isSpecial({ plan = '', apn }: Pick<ProviderApn, 'plan' | 'apn'>): boolean {
  return SPECIAL_PLAN.test(plan) || /(^|[.-])(wap|m2m|iot)([.-]|$)/i.test(apn);
}

const SPECIAL_PLAN =
  /\b(old|older|former|formerly|earlier|prior|wap|iphone|blackberry|business|pro|entreprises?|corporate|m2m|iot|static|statisk|vpn|ipv6(-only)?|tethering|event)\b/i;
