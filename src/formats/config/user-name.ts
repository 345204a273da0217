import { findFaults, type Rule } from './rule.ts';

/** What refuses a user's name. */
export const USER_NAME_RULES: readonly Rule[] = [
  { pattern: '^$', refuses: true, fault: 'is empty' },
  { pattern: '^.{33}', refuses: true, fault: 'is longer than 32 characters' },
  {
    pattern: '^[a-z][a-z0-9_-]*$',
    unless: '^$',
    fault: 'is not a name that adduser takes: small letters, digits, "-" and "_", a letter first',
  },
];

/**
 * Why a text cannot be a user's name, or undefined. The rules of adduser(8) on Stretch (NAME_REGEX of adduser.conf(5),
 * `^[a-z][-a-z0-9_]*$`) with the limit of useradd(8), 32 characters.
 */
export function validateUserName(name: string): string | undefined {
  return findFaults(name, USER_NAME_RULES)[0];
}
