import { type Carrier, type CarrierRow, type GoneCarrier, isInternet, toSlug } from './carrier.ts';
import { groupBy } from './group-by.ts';
import { recommendApn } from './recommend-apn.ts';

/**
 * Merges the carriers of a database and of our own table, sorted by id. A row of ours joins the database's carrier of
 * the same country whose slug is its name or one of its aliases: the carrier gets our name, and our row replaces those
 * with the same APN. Rows that differ only in prepaid or postpaid become one.
 */
export function mergeCarriers(
  rows: readonly CarrierRow[],
  ours: readonly CarrierRow[],
  gone: readonly GoneCarrier[] = [],
): Carrier[] {
  const names = listNames(ours);
  const taken = new Set(ours.map(apnKey));
  const theirs = rows
    .map((row) => ({ ...rename(row, names.get(providerKey(row))), isOurs: false }))
    .filter((row) => !isInternet(row) || !taken.has(apnKey(row)));
  const all = joinPlans([...ours.map((row) => ({ ...row, isOurs: true })), ...theirs]);
  const byProvider = groupBy(all, providerKey);
  return [...byProvider].flatMap(([key, group]) => nameRows(key, group, findFate(key, gone))).sort(byId);
}

interface MergedRow extends CarrierRow {
  readonly isOurs: boolean;
}

/** Every slug of our carriers → the carrier's name. */
function listNames(ours: readonly CarrierRow[]): Map<string, string> {
  return new Map(
    ours.flatMap(({ country, provider, aliases }) =>
      [toSlug(provider), ...aliases].map((slug) => [`${country}/${slug}`, provider] as const),
    ),
  );
}

function rename(row: CarrierRow, provider = row.provider): CarrierRow {
  if (provider === row.provider) return row;
  return { ...row, provider, otherNames: [row.provider, ...row.otherNames] };
}

function providerKey({ country, provider }: Pick<CarrierRow, 'country' | 'provider'>): string {
  return `${country}/${toSlug(provider)}`;
}

function apnKey(row: CarrierRow): string {
  return `${providerKey(row)}/${row.apn.toLowerCase()}`;
}

function findFate(key: string, gone: readonly GoneCarrier[]): string | undefined {
  return gone.find(({ country, slugs }) => slugs.some((slug) => `${country}/${slug}` === key))?.fate;
}

function joinPlans(rows: readonly MergedRow[]): MergedRow[] {
  const groups = groupBy(rows, (row) =>
    JSON.stringify([providerKey(row), row.apn, row.usage, row.user, row.password, row.auth]),
  );
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const planTypes = [...new Set([first, ...others].flatMap((row) => row.planTypes))];
    return [{ ...first, planTypes }];
  });
}

/** Gives each row of one carrier the shortest id that is still free: the recommended one that of the carrier. */
function nameRows(carrierId: string, rows: readonly MergedRow[], gone: string | undefined): Carrier[] {
  const recommended = recommendApn(rows, ({ isOurs }) => isOurs);
  const slugs = listSlugs(rows);
  const large = rows.some(({ isOurs }) => isOurs);
  const taken = new Set<string>();
  const internet = rows.filter(isInternet);
  return rows.toSorted(byUse).map((row) => {
    const { aliases: _, isOurs: __, ...fields } = row;
    const apn = row.apn.toLowerCase();
    const peers = isInternet(row) ? internet : rows;
    const names = [
      ...(row === recommended ? [''] : []),
      ...(peers.filter((other) => other.apn.toLowerCase() === apn).length === 1 ? [apn] : []),
      ...(row.plan === undefined ? [] : [toSlug(row.plan)]),
      apn,
    ];
    const name = names.find((candidate) => !taken.has(candidate)) ?? numbered(apn, taken);
    taken.add(name);
    const id = name === '' ? carrierId : `${carrierId}/${name}`;
    return { ...fields, id, carrierId, slugs, recommended: name === '', large, gone };
  });
}

/** The slugs that name a carrier: that of its id, our aliases, and those of its other names. */
function listSlugs(rows: readonly MergedRow[]): string[] {
  const names = rows.flatMap(({ provider, otherNames }) => [provider, ...otherNames]);
  const slugs = [
    ...rows.map(({ provider }) => toSlug(provider)),
    ...rows.flatMap(({ aliases }) => aliases),
    ...names.flatMap(shortNames),
  ];
  return [...new Set(slugs)].filter((slug) => slug !== '');
}

/** Other common names: "att" for AT&T, "t-mobile" and "telekom" for T-Mobile(Telekom). */
function shortNames(name: string): string[] {
  const [, before = '', inside = ''] = /^([^(]+)\(([^)]+)\)/.exec(name) ?? [];
  return [name, name.replaceAll('&', ''), before, inside].map(toSlug);
}

function numbered(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2; ; number += 1) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
}

/** Rows for internet access get the short ids. */
function byUse(a: MergedRow, b: MergedRow): number {
  return Number(isInternet(b)) - Number(isInternet(a));
}

function byId(a: Carrier, b: Carrier): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
