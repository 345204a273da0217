import { rankNearest } from '../formats/nearest.ts';
import type { Carrier } from './carrier.ts';
import { groupBy } from './group-by.ts';
import { byRank } from './recommend-apn.ts';

const MAX_SUGGESTIONS = 5;

/**
 * The carriers whose names are closest to a mistyped one, nearest first, at most five, each by its best APN. With a
 * country, those of the country; if it has none, the carriers of exactly this name elsewhere.
 * @param slug the part of a reference that names the carrier: `tmobil`
 */
export function suggestCarriers(
  carriers: readonly Carrier[],
  slug: string,
  country: string | undefined,
): Carrier[] {
  const inCountry = carriers.filter((row) => country === undefined || row.country === country);
  const near = rankNearest(slug, [...new Set(inCountry.flatMap(({ slugs }) => slugs))]);
  // toSorted keeps the order of equals, so the largest carriers of a name come first.
  const bySize = inCountry.toSorted((a, b) => Number(b.large) - Number(a.large));
  const rows = near.flatMap((name) => bySize.filter(({ slugs }) => slugs.includes(name)));
  const found = rows.length > 0 ? rows : carriers.filter(({ slugs }) => slugs.includes(slug));
  return [...groupBy(found, ({ carrierId }) => carrierId).values()]
    .flatMap((apns) => apns.sort(byRank).slice(0, 1))
    .slice(0, MAX_SUGGESTIONS);
}
