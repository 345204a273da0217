import type { Rule } from './rule.ts';

/** The methods by which a data connection can be authenticated, as in `--apn-auth`. */
export const APN_AUTHS = ['none', 'pap', 'chap', 'mschapv2'] as const;

/** One of them. */
export type ApnAuth = (typeof APN_AUTHS)[number];

/** The method where there is a user and none is named. */
export const DEFAULT_APN_AUTH: ApnAuth = 'chap';

/** What refuses a method. */
export const APN_AUTH_RULES: readonly Rule[] = [
  { pattern: `^(${APN_AUTHS.join('|')})$`, fault: `is not one of ${APN_AUTHS.join(', ')}` },
];
