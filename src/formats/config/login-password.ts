import { findFaults, type Rule, TEXT_RULES } from './rule.ts';

/** What refuses a user's password. */
export const PASSWORD_RULES: readonly Rule[] = [
  { pattern: '^$', refuses: true, fault: 'is empty; anyone could log in' },
  ...TEXT_RULES.map((rule) => ({
    ...rule,
    fault: rule.fault.replace('character', 'character, which cannot be typed at a login'),
  })),
  { pattern: '^.{129}', refuses: true, fault: 'is longer than 128 bytes' },
];

/** Why `password` can be no user's password, or undefined. */
export function validatePassword(password: string): string | undefined {
  return findFaults(password, PASSWORD_RULES)[0];
}
