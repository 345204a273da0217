import { findFaults, type Rule } from './rule.ts';

const LABEL = '[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?';

/** What refuses a host name: RFC 1123 §2.1, and Linux's limit. */
export const HOSTNAME_RULES: readonly Rule[] = [
  { pattern: '^$', refuses: true, fault: 'is empty' },
  { pattern: '^.{65}', refuses: true, fault: 'is longer than 64 characters, which is all that Linux takes' },
  { pattern: '[^.]{64}', refuses: true, fault: 'has a label of more than 63 characters' },
  {
    pattern: `^${LABEL}([.]${LABEL})*$`,
    unless: '^$',
    fault: 'is not made of letters, digits and inner hyphens',
  },
];

/** Why `name` is not a host name, or undefined. */
export function validateHostname(name: string): string | undefined {
  return findFaults(name, HOSTNAME_RULES)[0];
}

/**
 * /etc/hosts (hosts(5)) in which 127.0.1.1, Debian's address of the machine's own name, has the name `hostname`.
 * sudo warns about a name that does not resolve.
 */
export function renameInHosts(hosts: string, hostname: string): string {
  const short = hostname.split('.')[0] ?? hostname;
  const line = `127.0.1.1\t${hostname}${short === hostname ? '' : ` ${short}`}`;
  const lines = hosts.split('\n');
  const at = lines.findIndex((text) => /^\s*127\.0\.1\.1\s/.test(text));
  if (at >= 0) return lines.map((text, index) => (index === at ? line : text)).join('\n');
  return `${hosts}${hosts === '' || hosts.endsWith('\n') ? '' : '\n'}${line}\n`;
}
