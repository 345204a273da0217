import { BugError } from '../../core/errors.ts';
import type { ApnAuth } from './apn-auth.ts';
import { asQuoted, type Quoted } from './quoted.ts';
import { ASCII_RULE, findFaults, type Rule } from './rule.ts';
import { quoteShell } from './shell-words.ts';

/**
 * What refuses a user name or password of an APN.
 *
 * qmi-network sources its profile, puts each value in single quotes, lets the shell split and glob the result,
 * and passes it to qmicli, whose syntax has quotes and commas. dash's echo interprets backslashes. So a value has no
 * space, quote, backslash, `$`, backtick, comma, control or non-ASCII character.
 */
const QMI_NETWORK_RULES: readonly Rule[] = [
  ASCII_RULE,
  { pattern: ' ', refuses: true, fault: 'holds a space' },
  { pattern: `["'\`]`, refuses: true, fault: 'holds a quote' },
  { pattern: '\\\\|[$]', refuses: true, fault: 'holds a backslash or dollar sign' },
  { pattern: ',', refuses: true, fault: 'holds a comma' },
];

/** What refuses either of an APN's credentials: the same, and a length that AT commands take. */
export const CREDENTIAL_RULES: readonly Rule[] = [
  ...QMI_NETWORK_RULES,
  { pattern: '^.{128}', refuses: true, fault: 'is longer than 127 characters' },
];

/** Why `value` cannot be used with qmi-network, or undefined. */
export function validateQmiNetworkValue(value: string): string | undefined {
  return findFaults(value, QMI_NETWORK_RULES)[0];
}

/** The value as the right-hand side of an assignment in qmi-network's profile. */
export function quoteQmiNetwork(value: string): Quoted {
  const fault = validateQmiNetworkValue(value);
  if (fault !== undefined) throw new BugError(`a value for qmi-network.conf ${fault}`);
  return quoteShell(value);
}

/**
 * APN_USER of a profile. qmi-network has no setting for the kind of authentication, but qmicli has (`auth`).
 * qmi-network writes `username='$APN_USER'`, so the value `name',auth='CHAP` gives qmicli
 * `username='name',auth='CHAP'`, in 1.16.0 and in 1.32.2. QMI has no MSCHAPv2: the modem then decides.
 */
export function quoteQmiUser(user: string, auth: ApnAuth): Quoted {
  const fault = validateQmiNetworkValue(user);
  if (fault !== undefined) throw new BugError(`a user name for qmi-network.conf ${fault}`);
  if (auth === 'mschapv2' || auth === 'none') return quoteShell(user);
  return asQuoted(quoteShell(`${user}',auth='${auth.toUpperCase()}`));
}
