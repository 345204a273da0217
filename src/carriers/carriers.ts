import type { InputRecord } from '../core/model.ts';
import { OptionsError } from '../formats/issues.ts';
import { findNearest } from '../formats/nearest.ts';
import type { ProviderApn } from '../formats/provider-info.ts';

/** One APN that `--carrier` can name. */
export interface Carrier extends ProviderApn {
  /** What `--carrier` takes: `us/metropcs`, with a third part where the carrier has several: `us/t-mobile/epc.tmobile.com`. */
  readonly id: string;
  /** The second part of the id, and others that stand for it. */
  readonly slugs: readonly string[];
  /** Where the row comes from. */
  readonly source: string;
}

/** Every carrier wwanpi knows, and the record of the database they come from, for manifests. */
export interface CarrierData {
  readonly carriers: readonly Carrier[];
  readonly input: InputRecord;
}

/** A row before ids are given: `aliases` are further slugs of the provider. */
export interface CarrierRow extends ProviderApn {
  readonly aliases: readonly string[];
  readonly source: string;
}

/** What a build takes from a carrier; its DNS is not among it, see `chooseCarrier`. */
export interface CarrierSettings {
  readonly apn: string;
  readonly apnUser?: string;
  readonly apnPassword?: string;
  readonly apnAuth?: 'pap' | 'chap';
}

/**
 * The carriers of a database and of our overlay, by country and name. A provider of the overlay replaces the
 * database's of the same country and slug. Rows that differ in the way of payment alone become one.
 */
export function mergeCarriers(rows: readonly CarrierRow[], overlay: readonly CarrierRow[]): Carrier[] {
  const ours = new Set(overlay.map(providerKey));
  const all = [...rows.filter((row) => !ours.has(providerKey(row))), ...overlay];
  const byProvider = groupBy(joinPlans(all), providerKey);
  return [...byProvider.values()].flatMap(nameRows).sort((a, b) => compare(a.id, b.id));
}

/** Whether the APN is for internet access, as `--carrier` wants it: of AT&T's, "mms-internet-hipri" is too. */
export function isInternet(carrier: Pick<ProviderApn, 'usage'>): boolean {
  return /(^|-)internet(-|$)/.test(carrier.usage);
}

/**
 * The carriers a search finds: every word must be in the country, a name, the plan or the APN.
 * @param options.country two letters; options.all also what is not for internet access
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
 * The one carrier `ref` names: `us/metropcs`, `metropcs` where no other country has one, or with a third part, an
 * APN, plan or id's end, `us/t-mobile/epc.tmobile.com`. Only a named APN may be one that is not for internet access.
 * @param apn the APN where the user gives one besides: it picks among the carrier's
 * @throws OptionsError when there is none, or several: then it lists them, to be given in full
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
  // A name that stands for a row in full wins over rows it stands for in part.
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
 * What a build takes from a carrier: APN, user, password and how to authenticate. Not the DNS: carriers hand theirs
 * out with the lease, and the database's own DTD says that its (often long dead) addresses are "not used".
 */
export function chooseCarrier(carrier: Carrier): CarrierSettings {
  const { apn, user, password, auth } = carrier;
  // A password alone goes nowhere: neither AT^NDISDUP nor qmi-network can send it without a user.
  if (user === undefined) return { apn };
  return {
    apn,
    apnUser: user,
    ...(password === undefined ? {} : { apnPassword: password }),
    ...(auth === undefined ? {} : { apnAuth: auth }),
  };
}

/** A name as it stands in an id: lower case letters, digits and hyphens; other scripts' letters stay. */
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

/** Gives the rows of one provider their ids: the shortest that is no other row's, those for internet access first. */
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

/** What people call it too: "att" for AT&T, "t-mobile" and "telekom" for T-Mobile(Telekom). */
function shortNames(name: string): string[] {
  const [, before = '', inside = ''] = /^([^(]+)\(([^)]+)\)/.exec(name) ?? [];
  return [name, name.replaceAll('&', ''), before, inside].map(toSlug);
}

function numbered(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2; ; number += 1) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
}

/** Whether the third part of a reference stands for this row. */
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

/** The rows of the provider whose name is spelt most like a mistyped one: of the country, or else of any. */
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
