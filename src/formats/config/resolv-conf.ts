import { BugError } from '../../core/errors.ts';
import { isAddress } from './address.ts';
import { asQuoted, type Quoted } from './quoted.ts';

/** Well-known public resolvers, for the comment in the file. */
export const NAME_SERVER_OPERATORS: Readonly<Record<string, string>> = {
  '1.1.1.1': 'Cloudflare',
  '1.0.0.1': 'Cloudflare',
  '8.8.8.8': 'Google',
  '8.8.4.4': 'Google',
  '9.9.9.9': 'Quad9',
  '149.112.112.112': 'Quad9',
  '208.67.222.222': 'OpenDNS',
  '208.67.220.220': 'OpenDNS',
};

/**
 * `nameserver` lines of resolv.conf(5), under a comment that names their operator if it is known.
 * @throws BugError when one is not an IP address
 */
export function formatNameServers(servers: readonly string[]): Quoted {
  const lines = servers.flatMap((server, index) => {
    if (!isAddress(server)) throw new BugError('a name server is not an IP address');
    const operator = NAME_SERVER_OPERATORS[server];
    const previous = servers[index - 1];
    const isNew =
      operator !== undefined && (previous === undefined || NAME_SERVER_OPERATORS[previous] !== operator);
    return [...(isNew ? [`# ${operator}`] : []), `nameserver ${server}`];
  });
  return asQuoted(lines.join('\n'));
}
