import { type Carrier, type CarrierData, searchCarriers } from '../carriers/carriers.ts';
import { InputError } from '../core/errors.ts';
import { OptionsError } from '../formats/issues.ts';
import { quoteForMessage } from '../formats/printable.ts';

/** The options of `wwanpi carriers`. */
export interface CarriersOptions {
  readonly search: string;
  readonly country: string | undefined;
  readonly all: boolean;
  readonly json: boolean;
}

/**
 * The output of `wwanpi carriers`.
 * @throws InputError when the country code is unknown, or nothing is found
 */
export function runCarriers(data: CarrierData, options: CarriersOptions): string {
  const { search, country, all, json } = options;
  const countries = [...new Set(data.carriers.map((carrier) => carrier.country))];
  if (country !== undefined && !countries.includes(country.toLowerCase())) {
    const message = 'is not the two-letter code of a country with carriers';
    throw new OptionsError([{ option: 'country', value: country, message }], {
      hint: 'give one such as us, de or gb (the United Kingdom); zz has SIM cards for all countries',
    });
  }
  const found = searchCarriers(data.carriers, search, { country, all });
  if (json) return `${JSON.stringify({ source: data.input, carriers: found.map(describe) }, undefined, 2)}\n`;
  if (found.length === 0) {
    throw new InputError(`no carrier matches ${quoteForMessage(search)}`, {
      hint: all ? '--apn takes any APN your carrier names' : 'try fewer words, or --all; --apn takes any APN',
    });
  }
  return formatTable(found, all);
}

/** JSON of a carrier; absent values are null. The passwords are public and the same for all customers. */
function describe(carrier: Carrier): Record<string, unknown> {
  const { id, country, countryName, provider, otherNames, apn, plan, planTypes, usage } = carrier;
  const { auth, user, password, dns, source } = carrier;
  return {
    ...{ id, country, countryName, provider, otherNames, apn, plan: plan ?? null, planTypes, usage },
    ...{ auth: auth ?? null, user: user ?? null, password: password ?? null, dns, source },
  };
}

function formatTable(carriers: readonly Carrier[], all: boolean): string {
  const rows = carriers.map((carrier) => [
    carrier.id,
    carrier.apn,
    carrier.user === undefined ? '' : `${carrier.user}${carrier.password === undefined ? '' : ' + password'}`,
    ...(all ? [carrier.usage] : []),
    [carrier.plan ?? carrier.provider, ...carrier.planTypes].join(', '),
  ]);
  const head = ['--carrier', 'APN', 'user', ...(all ? ['for'] : []), 'plan'];
  const widths = head.map((title, column) =>
    Math.min(44, Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0))),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, '·')}\n`)
    .join('');
}
