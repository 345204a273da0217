import { isIPv4 } from 'node:net';
import { BugError } from '../../core/errors.ts';
import { asQuoted, type Quoted } from './quoted.ts';

/**
 * A value for a line of supervisor.conf, which the supervisor reads up to the end of the line and never runs.
 * @throws BugError on what would not stay on its line
 */
export function quoteSupervisorValue(value: string): Quoted {
  if (!/^[\x20-\x7e]*$/.test(value)) throw new BugError('a value for supervisor.conf is printable ASCII');
  return asQuoted(value);
}

/** Whether the supervisor can ping it: an IPv4 address, since it asks over a link that has no other. */
export function isProbe(value: string): boolean {
  return isIPv4(value);
}
