import { BugError } from '../../core/errors.ts';
import { asQuoted, type Quoted } from './quoted.ts';

/** Whether `value` can be a SIM's PIN: four to eight digits (3GPP TS 31.101 §9.5.1). */
export function isPin(value: string): boolean {
  return /^[0-9]{4,8}$/.test(value);
}

/**
 * A PIN for a file that is read as data.
 * @throws BugError if it is not a PIN
 */
export function quotePin(value: string): Quoted {
  if (!isPin(value)) throw new BugError('a PIN is four to eight digits');
  return asQuoted(value);
}
