import type { Carrier, CarrierData } from '../carriers/carrier.ts';
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
  const code = country === undefined ? undefined : findCarrierCountry(carriers, country);
  const near = suggestCarriers(carriers, search, code).map(({ carrierId }) => carrierId);
  const where = country === undefined ? '' : ` in ${quoteForMessage(country)}`;
  const didYouMean = near.length === 0 ? '' : `; did you mean ${near.join(', ')}?`;
  return new InputError(`no carrier matches ${quoteForMessage(search)}${where}${didYouMean}`, {
    hint: `try fewer words${all ? '' : ', or --all'}. ${WHERE_TO_FIND_AN_APN}`,
  });
}

/** JSON of an APN; absent values are null. The passwords are public and the same for all customers. */
function describe(carrier: Carrier): Record<string, unknown> {
  const { id, country, countryName, provider, otherNames, apn, plan, planTypes, usage } = carrier;
  const { recommended, gone, auth, user, password, dns, source } = carrier;
  return {
    ...{ id, country, countryName, provider, otherNames, apn, plan: plan ?? null, planTypes, usage },
    ...{ recommended, gone: gone ?? null },
    ...{ auth: auth ?? null, user: user ?? null, password: password ?? null, dns, source },
  };
}

function formatTable(carriers: readonly Carrier[], all: boolean, columns: number | undefined): string {
  const rows = carriers.map((carrier) => [
    carrier.id,
    carrier.apn,
    ...(all ? [carrier.usage] : []),
    formatPlan(carrier),
  ]);
  const head = ['--carrier', 'APN', ...(all ? ['for'] : []), 'plan'];
  const table = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const fitted = columns === undefined ? widths : fitWidths(widths, columns);
  return table
    .map((row) => row.map((cell, column) => cut(printable(cell), fitted[column] ?? 0)).join(GAP))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function formatPlan({ provider, plan, planTypes, user, password, gone }: Carrier): string {
  const login = user === undefined ? [] : [`user ${user}${password === undefined ? '' : ' + password'}`];
  return [plan ?? provider, ...planTypes, ...login, ...(gone === undefined ? [] : [gone])].join(', ');
}

const GAP = '  ';
/** A column is not cut below this, the first one not below twice as much. */
const NARROWEST = 12;

/** Takes width from the last column first, from the first one last: its text is what people copy. */
function fitWidths(widths: readonly number[], columns: number): number[] {
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1)) - columns;
  const fitted = [...widths];
  for (let column = widths.length - 1; column >= 0 && excess > 0; column -= 1) {
    const width = fitted[column] ?? 0;
    const narrowest = column === 0 ? 2 * NARROWEST : NARROWEST;
    const cutBy = Math.min(excess, Math.max(0, width - narrowest));
    fitted[column] = width - cutBy;
    excess -= cutBy;
  }
  return fitted;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text.padEnd(width) : `${text.slice(0, width - 1)}…`;
}

/** Where the data is from, and how old it is. */
function formatFooter({ input }: CarrierData): string {
  return `\nFrom ${input.origin} and wwanpi's own table of ${OVERLAY_DATE}.\n`;
}
