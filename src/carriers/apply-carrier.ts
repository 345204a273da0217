import { BugError } from '../core/errors.ts';
import type { InputRecord } from '../core/model.ts';
import { OptionsError } from '../formats/issues.ts';
import { quoteForMessage } from '../formats/printable.ts';
import type { Carrier, CarrierData } from './carrier.ts';
import { findCarrier } from './find-carrier.ts';

/** The options of a build after the lookup of `--carrier`. */
export interface WithCarrier {
  readonly options: Readonly<Record<string, unknown>>;
  /** The database, if one of its rows is used. */
  readonly inputs: readonly InputRecord[];
  readonly warnings: readonly string[];
  readonly carrier: CarrierChoice | undefined;
}

/** The settings that a build takes from a carrier. DNS is not one of them; `chooseCarrier` says why. */
export interface CarrierSettings {
  readonly apn: string;
  readonly apnUser?: string;
  readonly apnPassword?: string;
  readonly apnAuth?: 'pap' | 'chap';
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
  const row = findCarrier(known, ref, wanted);
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
