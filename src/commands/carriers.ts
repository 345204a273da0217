import { type Carrier, type CarrierData, isOffered, toSlug } from '../carriers/carrier.ts';
import { WHERE_TO_FIND_AN_APN } from '../carriers/find-carrier.ts';
import { OVERLAY_DATE } from '../carriers/overlay.ts';
import { findCarrierCountry, searchCarriers } from '../carriers/search-carriers.ts';
import { suggestCarriers } from '../carriers/suggest-carriers.ts';
import { InputError } from '../core/errors.ts';
import { OptionsError } from '../formats/issues.ts';
import { printable, quoteForMessage } from '../formats/printable.ts';

/** The options of `wwanpi carriers`. */
export interface CarriersOptions {
  readonly search: string;
  readonly country: string | undefined;
  readonly all: boolean;
  readonly json: boolean;
  /** The width of the terminal; undefined if the output is not one, then nothing is cut. */
  readonly columns: number | undefined;
}

/**
 * The output of `wwanpi carriers`.
 * @throws InputError when the country is unknown, or nothing is found
 */
export function runCarriers(data: CarrierData, options: CarriersOptions): string {
  const { search, country, all, json, columns } = options;
  if (country !== undefined && findCarrierCountry(data.carriers, country) === undefined) {
    throw new OptionsError(
      [{ option: 'country', value: country, message: 'is not a country with carriers' }],
      { hint: 'give a name or two letters, such as Germany or de; zz has SIM cards for all countries' },
    );
  }
  const found = searchCarriers(data.carriers, search, { country, all });
  const rows = found.flatMap(({ apns }) => apns);
  if (json) return `${JSON.stringify({ source: data.input, carriers: rows.map(describe) }, undefined, 2)}\n`;
  if (rows.length === 0) throw nothingFound(data.carriers, options);
  return `${formatTable(rows, all, columns)}${formatFooter(data)}`;
}

function nothingFound(carriers: readonly Carrier[], { search, country, all }: CarriersOptions): InputError {
  const words = search.split(/\s+/);
  // A word may be the country: vodafnoe germany.
  const place = country ?? words.find((word) => findCarrierCountry(carriers, word) !== undefined);
  const code = place === undefined ? undefined : findCarrierCountry(carriers, place);
  const slug = toSlug(words.filter((word) => word !== place).join(' '));
  const near = suggestCarriers(carriers.filter(isOffered), slug, code).map(({ carrierId }) => carrierId);
  const where = country === undefined ? '' : ` in ${quoteForMessage(country)}`;
  const didYouMean = near.length === 0 ? '' : `; did you mean ${near.join(', ')}?`;
  return new InputError(`no carrier matches ${quoteForMessage(search)}${where}${didYouMean}`, {
    hint: `try fewer words${all ? '' : ', or --all'}; ${WHERE_TO_FIND_AN_APN}`,
  });
}

/** JSON of an APN; absent values are null. The passwords are public and the same for all customers. */
function describe(carrier: Carrier): Record<string, unknown> {
  const { id, country, countryName, provider, otherNames, apn, plan, planTypes, usage } = carrier;
  const { carrierId, slugs, recommended, large, gone, auth, user, password, dns, source } = carrier;
  return {
    ...{ id, country, countryName, provider, otherNames, apn, plan: plan ?? null, planTypes, usage },
    ...{ carrierId, slugs, recommended, large, gone: gone ?? null },
    ...{ auth: auth ?? null, user: user ?? null, password: password ?? null, dns, source },
  };
}

function formatTable(carriers: readonly Carrier[], all: boolean, columns: number | undefined): string {
  const rows = carriers.map((carrier) => [
    carrier.id,
    carrier.apn,
    formatPlan(carrier),
    ...(all ? [carrier.usage] : []),
  ]);
  const table = [['--carrier', 'APN', 'plan', ...(all ? ['for'] : [])], ...rows];
  // An APN that ends its id may be cut, any other one only on a very narrow terminal.
  const apns = carriers.filter(({ id, apn }) => !id.endsWith(`/${apn.toLowerCase()}`));
  const apnWidth = Math.max(12, ...apns.map(({ apn }) => apn.length));
  const fitted = fitWidths(table, apnWidth, columns);
  return table
    .map((row) => row.map((cell, column) => cut(printable(cell), fitted[column] ?? 0)).join(GAP))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** Only "prepaid" is told of how the account is paid: the database says "postpaid" of nearly every plan. */
function formatPlan({ provider, plan, planTypes, user, password, gone }: Carrier): string {
  const name = plan ?? provider;
  const isPrepaid = planTypes.length === 1 && planTypes[0] === 'prepaid' && !/prepaid/i.test(name);
  const login = user === undefined ? [] : [`user ${user}${password === undefined ? '' : ' + password'}`];
  return [name, ...(isPrepaid ? ['prepaid'] : []), ...login, ...(gone === undefined ? [] : [gone])].join(
    ', ',
  );
}

const GAP = '  ';

/**
 * The widths of a table's columns. If they are too wide for the terminal, the APNs are cut first, then the plans, then
 * the ids, because ids are what people copy.
 * @param apnWidth of the longest APN that is not part of its id
 * @param columns of the terminal; undefined cuts nothing
 */
function fitWidths(
  table: readonly (readonly string[])[],
  apnWidth: number,
  columns = Number.POSITIVE_INFINITY,
): number[] {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  let excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - columns;
  const cuts: [number, number][] = [
    [1, apnWidth],
    [2, 12],
    [1, 12],
    [0, 12],
  ];
  for (const [column, narrowest] of cuts) {
    const width = widths[column] ?? 0;
    const cutBy = Math.min(Math.max(0, excess), Math.max(0, width - narrowest));
    widths[column] = width - cutBy;
    excess -= cutBy;
  }
  return widths;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text.padEnd(width) : `${text.slice(0, width - 1)}…`;
}

/** Where the data is from, and how old it is. */
function formatFooter({ input }: CarrierData): string {
  return `\nData: ${input.origin}, wwanpi's own table ${OVERLAY_DATE}\n`;
}
