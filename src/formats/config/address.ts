import type { Rule } from './rule.ts';

const BYTE = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9][0-9]|[0-9])';
const IPV4 = `(${BYTE}[.]){3}${BYTE}`;
/** An IPv4 address and nothing else. */
export const IPV4_PATTERN = `^${IPV4}$`;
const GROUP = '[0-9a-fA-F]{1,4}';

/** RFC 4291 §2.2: eight groups, of which `::` stands for those of zeros; the last two may be an IPv4 address. */
const IPV6 = [
  `(${GROUP}:){7}(${GROUP}|:)`,
  `(${GROUP}:){6}(${IPV4}|:${GROUP}|:)`,
  ...[5, 4, 3, 2, 1].map((count) => {
    const gap = 5 - count;
    const four = gap === 0 ? `:${IPV4}` : `(:${GROUP}){0,${gap}}:${IPV4}`;
    return `(${GROUP}:){${count}}(${four}|(:${GROUP}){1,${7 - count}}|:)`;
  }),
  `:((:${GROUP}){0,5}:${IPV4}|(:${GROUP}){1,7}|:)`,
].join('|');

/** What refuses an address of a name server. A zone as in fe80::1%eth0 makes no sense before the interface exists. */
export const ADDRESS_RULE: Rule = {
  pattern: `^(${IPV4}|${IPV6})$`,
  fault: 'is not an IPv4 or IPv6 address',
};

const ADDRESS = new RegExp(ADDRESS_RULE.pattern);

/** Whether a text is an IPv4 or IPv6 address without a zone. */
export function isAddress(text: string): boolean {
  return ADDRESS.test(text);
}

/** glibc reads no more of resolv.conf (resolv.h, MAXNS). */
export const MAX_NAME_SERVERS = 3;

/** The words of a list of name servers. */
export function splitServers(text: string): string[] {
  return text.split(/[ \t,]+/).filter((word) => word !== '');
}

/**
 * The faults of a list of name servers, or of the word `none`.
 * @param words as `splitServers` gives them
 */
export function findServerFaults(words: readonly string[]): string[] {
  if (words.includes('none')) {
    return words.some((word) => word !== 'none') ? ['is "none" together with addresses'] : [];
  }
  if (words.some((word) => !isAddress(word))) {
    return [`${ADDRESS_RULE.fault}; give addresses such as 9.9.9.9, or "none"`];
  }
  const count = new Set(words).size;
  return count > MAX_NAME_SERVERS
    ? [`has more than ${MAX_NAME_SERVERS} addresses, and glibc reads no more of resolv.conf`]
    : [];
}
