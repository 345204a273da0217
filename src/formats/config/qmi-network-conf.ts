import { BugError } from '../../core/errors.ts';
import type { ApnAuth } from './at-command.ts';
import { asQuoted, type Quoted } from './quoted.ts';
import { quoteShell } from './shell-words.ts';

/**
 * Why `value` can't pass through qmi-network, or undefined.
 *
 * qmi-network sources its profile, wraps each value in single quotes, lets the shell split and glob the result
 * and hands it to qmicli, which takes quotes and commas for its own; dash's echo reads backslashes. So: no
 * space, quote, backslash, `$`, backtick, comma, control or non-ASCII character.
 */
export function validateQmiNetworkValue(value: string): string | undefined {
  if (!/^[\x20-\x7e]*$/.test(value)) return 'holds a control or non-ASCII character';
  if (/ /.test(value)) return 'holds a space';
  if (/['"`]/.test(value)) return 'holds a quote';
  if (/[\\$]/.test(value)) return 'holds a backslash or dollar sign';
  if (/,/.test(value)) return 'holds a comma';
  return undefined;
}

/** Values checked for qmi-network, as the right-hand side of an assignment in its profile. */
export function quoteQmiNetwork(value: string): Quoted {
  const fault = validateQmiNetworkValue(value);
  if (fault !== undefined) throw new BugError(`a value for qmi-network.conf ${fault}`);
  return quoteShell(value);
}

/**
 * APN_USER of a profile. qmi-network has no setting for the kind of authentication, though qmicli has (`auth`):
 * since qmi-network writes `username='$APN_USER'`, the value `name',auth='CHAP` gives qmicli
 * `username='name',auth='CHAP'`. Same in 1.16.0 and 1.32.2. QMI knows no MSCHAPv2: the stick then decides.
 */
export function quoteQmiUser(user: string, auth: ApnAuth): Quoted {
  const fault = validateQmiNetworkValue(user);
  if (fault !== undefined) throw new BugError(`a user name for qmi-network.conf ${fault}`);
  if (auth === 'mschapv2' || auth === 'none') return quoteShell(user);
  return asQuoted(quoteShell(`${user}',auth='${auth.toUpperCase()}`));
}
