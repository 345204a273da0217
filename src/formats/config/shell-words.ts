import { BugError } from '../../core/errors.ts';
import { asQuoted, type Quoted } from './quoted.ts';

/** Why `value` cannot be one shell word on one line, or undefined. Only control characters are refused. */
export function validateShellWord(value: string): string | undefined {
  return /[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(value) ? 'holds a control character' : undefined;
}

/**
 * `value` as one word of a POSIX shell (2.2.2 Single-Quotes); without quotes if every shell reads it unchanged.
 * Also safe in a file that is sourced: `NAME=` + the result assigns exactly `value`.
 * @throws BugError on a value that `validateShellWord` refuses; the recipe has rejected it before.
 */
export function quoteShell(value: string): Quoted {
  const fault = validateShellWord(value);
  if (fault !== undefined) throw new BugError(`a value for a shell word ${fault}`);
  return asQuoted(/^[A-Za-z0-9._-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`);
}
