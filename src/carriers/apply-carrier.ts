import { BugError } from '../core/errors.ts';
import type { InputRecord } from '../core/model.ts';
import { OptionsError } from '../formats/issues.ts';
import { quoteForMessage } from '../formats/printable.ts';
import { type CarrierData, chooseCarrier, findCarrier } from './carriers.ts';

/** The options of a build after the lookup of `--carrier`. */
export interface WithCarrier {
  readonly options: Readonly<Record<string, unknown>>;
  /** The database, if one of its rows is used. */
  readonly inputs: readonly InputRecord[];
  readonly warnings: readonly string[];
  readonly carrier: CarrierChoice | undefined;
}

/** The carrier of an image, by the names that reports use. */
export interface CarrierChoice {
  readonly country: string;
  readonly provider: string;
  readonly plan: string | undefined;
}

/**
 * Fills in the options that the user did not give from the carrier's row. If the user gives `apnUser`, none of the
 * carrier's credentials are used. An `apn` that the carrier does not have is used alone, with a warning. `carrier`
 * becomes the full id.
 * @param options camel case, as yargs gives them
 * @throws OptionsError when the carrier is unknown or ambiguous
 */
export function applyCarrier(
  options: Readonly<Record<string, unknown>>,
  data: CarrierData | undefined,
): WithCarrier {
  const { carrier: ref, apn, apnUser } = options;
  if (ref === undefined) return { options, inputs: [], warnings: [], carrier: undefined };
  if (data === undefined) throw new BugError('--carrier is given, but no carriers were loaded');
  if (typeof ref !== 'string' || ref === '') {
    const hint = 'wwanpi carriers lists them';
    throw new OptionsError([{ option: 'carrier', message: 'needs a carrier', hint }]);
  }
  const wanted = typeof apn === 'string' ? apn : undefined;
  const known = data.carriers;
  const ofApn = wanted === undefined ? [] : known.filter((row) => row.apn === wanted);
  const row = findCarrier(known, ref, ofApn.length > 0 ? wanted : undefined);
  const { apn: theirs, ...credentials } = chooseCarrier(row);
  const isOther = wanted !== undefined && wanted !== theirs;
  const filled = isOther || apnUser !== undefined ? {} : credentials;
  return {
    options: { apn: theirs, ...filled, ...options, carrier: row.id },
    inputs: row.source.startsWith(data.input.name) ? [data.input] : [],
    warnings: isOther
      ? [`--apn ${quoteForMessage(wanted)} is not the APN of --carrier ${row.id} (${theirs}); --apn is used`]
      : [],
    carrier: { country: row.country, provider: row.provider, plan: row.plan },
  };
}
