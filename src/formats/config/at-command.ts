import { BugError } from '../../core/errors.ts';
import type { ApnAuth } from './apn-auth.ts';
import { asQuoted, type Quoted } from './quoted.ts';
import { ASCII_RULE, findFaults } from './rule.ts';

/** The fourth parameter after the APN of AT^NDISDUP (ModemManager's huawei plugin has the same table). */
export const NDISDUP_AUTH: Readonly<Record<ApnAuth, number>> = { none: 0, pap: 1, chap: 2, mschapv2: 3 };

/**
 * Why `value` cannot be in an AT string constant, or undefined. V.250 §5.4.2.2: printable ASCII. It writes a double quote
 * as \22 and a backslash as \5C, but not every modem supports that, so both are refused.
 */
export function validateAtString(value: string): string | undefined {
  return findFaults(value, [
    ASCII_RULE,
    { pattern: '["]|\\\\', refuses: true, fault: 'holds a double quote or backslash' },
  ])[0];
}

/**
 * `value` as an AT string constant, in double quotes.
 * @throws BugError on a value that `validateAtString` refuses
 */
export function quoteAt(value: string): Quoted {
  const fault = validateAtString(value);
  if (fault !== undefined) throw new BugError(`a value for an AT string ${fault}`);
  return asQuoted(`"${value}"`);
}

/**
 * Huawei's command that dials on context 1: `AT^NDISDUP=1,1,"apn"[,"user","password",auth]`, without its
 * carriage return.
 */
export function formatNdisdup(dial: {
  readonly apn: string;
  readonly credentials?: { readonly user: string; readonly password: string; readonly auth: ApnAuth };
}): Quoted {
  const parameters = ['1', '1', quoteAt(dial.apn)];
  const { credentials } = dial;
  if (credentials !== undefined) {
    parameters.push(
      quoteAt(credentials.user),
      quoteAt(credentials.password),
      String(NDISDUP_AUTH[credentials.auth]),
    );
  }
  return asQuoted(`AT^NDISDUP=${parameters.join(',')}`);
}
