import { BugError } from '../../core/errors.ts';
import { asQuoted, type Quoted } from './quoted.ts';
import { findFaults, type Rule } from './rule.ts';

/** What refuses a SIM's PIN: 3GPP TS 31.101 §9.5.1. */
export const PIN_RULES: readonly Rule[] = [{ pattern: '^[0-9]{4,8}$', fault: 'is not four to eight digits' }];

/** Why `value` cannot be a SIM's PIN, or undefined. */
export function validatePin(value: string): string | undefined {
  return findFaults(value, PIN_RULES)[0];
}

/**
 * A PIN for a file that is read as data.
 * @throws BugError if it is not a PIN
 */
export function quotePin(value: string): Quoted {
  const fault = validatePin(value);
  if (fault !== undefined) throw new BugError(`a PIN ${fault}`);
  return asQuoted(value);
}
