import { BugError } from '../../core/errors.ts';
import { asQuoted, type Quoted } from './quoted.ts';

/** Services that --wwan-allow knows by name, as /etc/services has them. */
const SERVICES: Readonly<Record<string, string>> = { ssh: '22/tcp', http: '80/tcp', https: '443/tcp' };

/** The names of `SERVICES`. */
export const SERVICE_NAMES: readonly string[] = Object.keys(SERVICES);

/**
 * A port as firewall.conf has it, `22/tcp`, of a service's name or of itself.
 * @returns undefined where it is neither
 */
export function findPort(word: string): string | undefined {
  if (SERVICE_NAMES.includes(word)) return SERVICES[word];
  const [, port = '0'] = /^([1-9]\d{0,4})\/(?:tcp|udp)$/.exec(word) ?? [];
  return Number(port) >= 1 && Number(port) <= 65_535 ? word : undefined;
}

/**
 * The value of ALLOW in firewall.conf.
 * @param ports each a result of `findPort`
 */
export function quotePorts(ports: readonly string[]): Quoted {
  if (ports.some((port) => findPort(port) !== port)) throw new BugError('a port was not checked');
  return asQuoted(ports.join(' '));
}

/** The ports that a firewall.conf opens. */
export function parseAllowed(text: string): string[] {
  const words = /^ALLOW=(.*)$/m.exec(text)?.[1]?.split(/\s+/) ?? [];
  return words.filter((word) => findPort(word) === word);
}
