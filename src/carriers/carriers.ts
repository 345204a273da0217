import type { InputRecord } from '../core/model.ts';
import { OptionsError } from '../formats/issues.ts';
import { findNearest } from '../formats/nearest.ts';
import type { ProviderApn } from '../formats/provider-info.ts';

/** One APN that `--carrier` can name. */
export interface Carrier extends ProviderApn {
  /** The value of `--carrier`: `us/metropcs`; with a third part if the carrier has several: `us/t-mobile/epc.tmobile.com`. */
  readonly id: string;
  /** The second part of the id, and its aliases. */
  readonly slugs: readonly string[];
  /** Where the row comes from. */
  readonly source: string;
}

/** Every carrier wwanpi knows, and the record of the database they come from, for manifests. */
export interface CarrierData {
  readonly carriers: readonly Carrier[];
  readonly input: InputRecord;
}

/** A row that has no id yet. `aliases` are further slugs of the provider. */
export interface CarrierRow extends ProviderApn {
  readonly aliases: readonly string[];
  readonly source: string;
}

/** The settings that a build takes from a carrier. DNS is not one of them; `chooseCarrier` says why. */
export interface CarrierSettings {
  readonly apn: string;
  readonly apnUser?: string;
  readonly apnPassword?: string;
  readonly apnAuth?: 'pap' | 'chap';
}

/**
 * Merges the carriers of a database and of our overlay, sorted by id. A provider of the overlay replaces the
 * database's provider of the same country and slug. Rows that differ only in prepaid or postpaid become one.
 */
export function mergeCarriers(rows: readonly CarrierRow[], overlay: readonly CarrierRow[]): Carrier[] {
  const ours = new Set(overlay.map(providerKey));
  const all = [...rows.filter((row) => !ours.has(providerKey(row))), ...overlay];
  const byProvider = groupBy(joinPlans(all), providerKey);
  return [...byProvider.values()].flatMap(nameRows).sort((a, b) => compare(a.id, b.id));
}

/** Whether the APN is for internet access, as `--carrier` needs it. AT&T's "mms-internet-hipri" is one, too. */
export function isInternet(carrier: Pick<ProviderApn, 'usage'>): boolean {
  return /(^|-)internet(-|$)/.test(carrier.usage);
}

/**
 * Finds carriers: every word must be in the country, a name, the plan or the APN.
 * @param options.country two letters; options.all includes APNs that are not for internet access
 */
export function searchCarriers(
  carriers: readonly Carrier[],
  search: string,
  options: { country?: string | undefined; all?: boolean | undefined } = {},
): Carrier[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const country = options.country?.toLowerCase();
  return carriers.filter((carrier) => {
    if (country !== undefined && carrier.country !== country) return false;
    if (options.all !== true && !isInternet(carrier)) return false;
    const { id, countryName, provider, otherNames, plan, apn, slugs } = carrier;
    const text = [id, countryName, provider, ...otherNames, plan ?? '', apn, ...slugs]
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/**
 * Finds the carrier that `ref` names: `us/metropcs`; `metropcs` if only one country has it; or with a third part (an
 * APN, a plan or the end of an id) `us/t-mobile/epc.tmobile.com`. An APN that is not for internet access must be named.
 * @param apn the user's --apn, if given: it selects one of the carrier's rows
 * @throws OptionsError when no carrier matches, or several do (the error lists them)
 */
export function findCarrier(carriers: readonly Carrier[], ref: string, apn?: string): Carrier {
  const parts = ref.trim().toLowerCase().split('/');
  const [country, provider, pick] =
    /^[a-z]{2}$/.test(parts[0] ?? '') && parts.length > 1
      ? [parts[0], parts[1] ?? '', parts.slice(2).join('/')]
      : [undefined, parts[0] ?? '', parts.slice(1).join('/')];
  const slug = toSlug(provider);
  const inCountry = carriers.filter((row) => country === undefined || row.country === country);
  const named = inCountry.filter((row) => row.slugs[0] === slug);
  const ofProvider = named.length > 0 ? named : inCountry.filter((row) => row.slugs.includes(slug));
  if (ofProvider.length === 0) throw unknownCarrier(carriers, ref, provider, country);
  const picked =
    pick === '' ? ofProvider.filter(isInternet) : ofProvider.filter((row) => answersTo(row, pick));
  const found = picked.length > 1 && apn !== undefined ? picked.filter((row) => row.apn === apn) : picked;
  // An exact match wins over partial matches.
  const exact = found.find((row) => row.id === ref.toLowerCase());
  const [only] = exact === undefined ? found : [exact];
  if (only !== undefined && (exact !== undefined || found.length === 1)) return only;
  const choices = found.length > 0 ? found : picked.length > 0 ? picked : ofProvider;
  const message = found.length === 0 ? 'has no such internet APN' : 'is ambiguous';
  throw new OptionsError(
    [{ option: 'carrier', value: ref, message, hint: `it could be:\n${formatChoices(choices)}` }],
    { hint: `name one in full: --carrier ${choices[0]?.id}` },
  );
}

/**
 * Takes the settings of a build from a carrier: APN, user, password and authentication method. Not DNS: carriers send
 * it with the lease, and the database's DTD says that its addresses (many long dead) are "not used".
 */
export function chooseCarrier(carrier: Carrier): CarrierSettings {
  const { apn, user, password, auth } = carrier;
  // A password alone is useless: neither AT^NDISDUP nor qmi-network can send it without a user.
  if (user === undefined) return { apn };
  return {
    apn,
    apnUser: user,
    ...(password === undefined ? {} : { apnPassword: password }),
    ...(auth === undefined ? {} : { apnAuth: auth }),
  };
}

/** Turns a name into a part of an id: lower case letters of any script, digits and hyphens. */
export function toSlug(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replaceAll('+', ' plus ')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
}

function providerKey(row: Pick<ProviderApn, 'country' | 'provider'>): string {
  return `${row.country}/${toSlug(row.provider)}`;
}

function joinPlans(rows: readonly CarrierRow[]): CarrierRow[] {
  const groups = groupBy(rows, (row) =>
    JSON.stringify([providerKey(row), row.apn, row.usage, row.user, row.password, row.auth]),
  );
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const planTypes = [...new Set([first, ...others].flatMap((row) => row.planTypes))];
    return [{ ...first, planTypes }];
  });
}

/** Gives each row of one provider the shortest id that is still free; rows for internet access come first. */
function nameRows(rows: readonly CarrierRow[]): Carrier[] {
  const [first] = rows;
  if (first === undefined) return [];
  const slug = toSlug(first.provider);
  const internet = rows.filter(isInternet);
  const taken = new Set<string>();
  return [...internet, ...rows.filter((row) => !isInternet(row))].map(({ aliases, ...row }) => {
    const apn = row.apn.toLowerCase();
    const peers = isInternet(row) ? internet : rows;
    const names = [
      ...(internet.length === 1 && isInternet(row) ? [''] : []),
      ...(peers.filter((other) => other.apn.toLowerCase() === apn).length === 1 ? [apn] : []),
      ...(row.plan === undefined ? [] : [toSlug(row.plan)]),
      apn,
    ];
    const name = names.find((candidate) => !taken.has(candidate)) ?? numbered(apn, taken);
    taken.add(name);
    const slugs = [slug, ...aliases, ...[row.provider, ...row.otherNames].flatMap(shortNames)];
    return {
      ...row,
      id: `${row.country}/${slug}${name === '' ? '' : `/${name}`}`,
      slugs: [...new Set(slugs)].filter((text) => text !== ''),
    };
  });
}

/** Other common names: "att" for AT&T, "t-mobile" and "telekom" for T-Mobile(Telekom). */
function shortNames(name: string): string[] {
  const [, before = '', inside = ''] = /^([^(]+)\(([^)]+)\)/.exec(name) ?? [];
  return [name, name.replaceAll('&', ''), before, inside].map(toSlug);
}

function numbered(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2; ; number += 1) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
}

/** Whether the third part of a reference matches this row. */
function answersTo(row: Carrier, pick: string): boolean {
  const end = row.id.split('/').slice(2).join('/');
  return (
    end === pick || row.apn.toLowerCase() === pick || (row.plan !== undefined && toSlug(row.plan) === pick)
  );
}

function unknownCarrier(
  carriers: readonly Carrier[],
  ref: string,
  provider: string,
  country: string | undefined,
): OptionsError {
  const near = searchCarriers(carriers, provider.replaceAll('-', ' '), { country });
  const found = near.length > 0 ? near : searchCarriers(carriers, provider.replaceAll('-', ' '));
  const choices = found.length > 0 ? found : findSimilar(carriers, provider, country);
  const hint = choices.length === 0 ? undefined : `did you mean:\n${formatChoices(choices)}`;
  return new OptionsError([{ option: 'carrier', value: ref, message: 'is not a known carrier', hint }], {
    hint: `wwanpi carriers ${country === undefined ? '' : `--country ${country} `}lists them; --apn takes any APN`,
  });
}

/** Finds the provider whose name is closest to a mistyped one, in the country first, then in any; returns its rows. */
function findSimilar(carriers: readonly Carrier[], provider: string, country: string | undefined): Carrier[] {
  const internet = carriers.filter(isInternet);
  const ofCountry = internet.filter((row) => row.country === country);
  for (const rows of [ofCountry, internet]) {
    const name = findNearest(
      toSlug(provider),
      rows.flatMap(({ slugs }) => slugs),
    );
    if (name !== undefined) return rows.filter(({ slugs }) => slugs.includes(name));
  }
  return [];
}

const MAX_CHOICES = 20;

function formatChoices(choices: readonly Carrier[]): string {
  const width = Math.max(...choices.slice(0, MAX_CHOICES).map((carrier) => carrier.id.length));
  const lines = choices.slice(0, MAX_CHOICES).map(({ id, provider, plan, planTypes, apn }) => {
    const what = [plan ?? provider, ...planTypes, `APN ${apn}`].join(', ');
    return `    ${id.padEnd(width)}  ${what}`;
  });
  const more = choices.length - lines.length;
  return [...lines, ...(more > 0 ? [`    … and ${more} more`] : [])].join('\n');
}

/** Map.groupBy, which Node 20 does not have. */
function groupBy<T>(values: readonly T[], getKey: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(getKey(value), [...(groups.get(getKey(value)) ?? []), value]);
  return groups;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
