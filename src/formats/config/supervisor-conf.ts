import { isIPv4 } from 'node:net';
import { BugError } from '../../core/errors.ts';
import { asQuoted, type Quoted } from './quoted.ts';

/**
 * A value for a line of supervisor.conf. The supervisor reads it up to the end of the line and never executes it.
 * @throws BugError on a value that is not printable ASCII
 */
export function quoteSupervisorValue(value: string): Quoted {
  if (!/^[\x20-\x7e]*$/.test(value)) throw new BugError('a value for supervisor.conf is printable ASCII');
  return asQuoted(value);
}

/** Whether the supervisor can ping `value`: it must be an IPv4 address, because the link has no other. */
export function isProbe(value: string): boolean {
  return isIPv4(value);
}
