import { findCountry, listCountryNames } from '../formats/country-name.ts';
import { foldText } from '../formats/fold-text.ts';
import { type Carrier, isOffered } from './carrier.ts';
import { groupBy } from './group-by.ts';
import { fold, matchInside, matchStarts, type Searchable } from './match-words.ts';
import { byRank } from './recommend-apn.ts';

/** A carrier as people know it, with the APNs that a search found. */
export interface FoundCarrier {
  /** A value of `--carrier` if there is a recommended APN: `us/t-mobile`. */
  readonly id: string;
  readonly name: string;
  /** Two letters: `us`. */
  readonly country: string;
  readonly countryName: string;
  /** The APN that `--carrier ID` takes; undefined if the user must choose one of the APNs. */
  readonly recommended: Carrier | undefined;
  /** The APNs found, best first; never empty. The id of each is a value of `--carrier`. */
  readonly apns: readonly Carrier[];
}

/** Limits of a search. */
export interface SearchLimits {
  /** A country's code or any of its names: us, uk, Germany, Deutschland. */
  readonly country?: string | undefined;
  /** Include APNs that are not for internet access, and carriers that have closed. */
  readonly all?: boolean | undefined;
}

/**
 * Finds carriers by what people type: words of a name, a country, a plan or an APN, in any case, with or without
 * accents and hyphens. Best first: whole names, then beginnings of names, then of plans and APNs; if nothing has the
 * words at a beginning, names that contain them. Of equals, the largest carriers come first. No words find everything.
 */
export function searchCarriers(
  carriers: readonly Carrier[],
  search: string,
  { country, all = false }: SearchLimits = {},
): FoundCarrier[] {
  const code = country === undefined ? undefined : findCarrierCountry(carriers, country);
  if (country !== undefined && code === undefined) return [];
  const rows = carriers.filter(
    (row) => (code === undefined || row.country === code) && (all || isOffered(row)),
  );
  const words = splitSearch(search);
  const countries = new Map(rows.map((row) => [row.country, row.countryName]));
  const names = new Map(
    [...countries].map(([key, name]) => [key, [...listCountryNames(key), foldText(name)]]),
  );
  const texts = new Map(rows.map((row) => [row, makeSearchable(row, names.get(row.country) ?? [])]));
  const rank = (match: typeof matchStarts): Ranked[] =>
    [...texts].flatMap(([row, text]) => {
      const cost = match(words, text);
      return cost === undefined ? [] : [{ row, cost }];
    });
  const ranked = rank(matchStarts);
  return group(ranked.length > 0 ? ranked : rank(matchInside), carriers);
}

/** The code of a country that has carriers, by any of the country's names; undefined if there is none. */
export function findCarrierCountry(carriers: readonly Carrier[], name: string): string | undefined {
  const names = new Map(carriers.map(({ country, countryName }) => [country, countryName]));
  const wanted = foldText(name);
  const byData = [...names].find(([, countryName]) => foldText(countryName) === wanted)?.[0];
  return findCountry(name, [...names.keys()]) ?? byData;
}

interface Ranked {
  readonly row: Carrier;
  readonly cost: number;
}

/** `us/t-mobile` is two words: people copy ids. */
function splitSearch(search: string): string[] {
  return search
    .split(/[\s/]+/)
    .map(foldText)
    .filter((word) => word !== '');
}

function makeSearchable(row: Carrier, countries: readonly string[]): Searchable {
  const { provider, otherNames, slugs, plan = '', apn } = row;
  return {
    names: [provider, ...otherNames, ...slugs].map(fold),
    countries,
    details: [plan, apn].filter((text) => text !== '').map(fold),
  };
}

function group(ranked: readonly Ranked[], carriers: readonly Carrier[]): FoundCarrier[] {
  return [...groupBy(ranked, ({ row }) => row.carrierId).values()]
    .map((items) => ({
      cost: Math.min(...items.map(({ cost }) => cost)),
      rows: items.map(({ row }) => row).sort(byRank),
    }))
    .sort(compareGroups)
    .flatMap(({ rows }) => describe(rows, carriers));
}

function describe(rows: readonly Carrier[], carriers: readonly Carrier[]): FoundCarrier[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { carrierId, provider, country, countryName } = first;
  const recommended = carriers.find((row) => row.recommended && row.carrierId === carrierId);
  return [{ id: carrierId, name: provider, country, countryName, recommended, apns: rows }];
}

interface Group {
  readonly cost: number;
  readonly rows: readonly Carrier[];
}

function compareGroups(a: Group, b: Group): number {
  const [first, second] = [a.rows[0], b.rows[0]];
  if (first === undefined || second === undefined) return 0;
  const byCost = a.cost - b.cost || Number(second.large) - Number(first.large);
  return byCost || (first.carrierId < second.carrierId ? -1 : 1);
}
