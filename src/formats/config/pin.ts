import { BugError } from '../../core/errors.ts';
import { asQuoted, type Quoted } from './quoted.ts';
import { findFaults, type Rule } from './rule.ts';

/** What refuses a SIM's PIN. */
export const PIN_RULES: readonly Rule[] = [{ pattern: '^[0-9]{4,8}$', fault: 'is not four to eight digits' }];

/** Whether `value` can be a SIM's PIN: four to eight digits (3GPP TS 31.101 §9.5.1). */
export function isPin(value: string): boolean {
  return findFaults(value, PIN_RULES).length === 0;
}

/**
 * A PIN for a file that is read as data.
 * @throws BugError if it is not a PIN
 */
export function quotePin(value: string): Quoted {
  if (!isPin(value)) throw new BugError('a PIN is four to eight digits');
  return asQuoted(value);
}
