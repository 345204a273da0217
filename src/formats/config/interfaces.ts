import { BugError } from '../../core/errors.ts';
import type { Quoted } from './quoted.ts';
import { quoteShell } from './shell-words.ts';

/**
 * One word inside a `pre-up` or `post-down` line. It is quoted for the shell; it has neither a line end nor a
 * trailing backslash, which continues a line in interfaces(5).
 * @throws BugError
 */
export function quoteIfupdownShell(value: string): Quoted {
  if (value.endsWith('\\')) throw new BugError('a value for an ifupdown command ends in a backslash');
  return quoteShell(value);
}

/**
 * The lines of /etc/network/interfaces for which Raspbian's dhcpcd wrapper refuses to run. It uses the expression
 * `^[[:space:]]*iface[[:space:]]*.*[[:space:]]*inet[[:space:]]*(dhcp|static)`, on that file only.
 */
export function linesThatStopDhcpcd(interfaces: string): string[] {
  return interfaces.split('\n').filter((line) => /^\s*iface\s*.*\s*inet\s*(dhcp|static)/.test(line));
}

/** Whether /etc/network/interfaces includes `interfaces.d/wwan0`, by `source-directory` or a `source` pattern. */
export function sourcesInterfacesD(interfaces: string): boolean {
  return interfaces
    .split('\n')
    .some(
      (line) =>
        /^\s*source-directory\s+(\/etc\/network\/)?interfaces\.d\/?\s*$/.test(line) ||
        /^\s*source(-directory)?\s+(\/etc\/network\/)?interfaces\.d\/(\*|w\S*\*|wwan0)\s*$/.test(line),
    );
}

/** Lines that already configure `name`; they would conflict with a stanza in interfaces.d. */
export function linesAbout(interfaces: string, name: string): string[] {
  return interfaces.split('\n').filter((line) => {
    const [keyword = '', ...words] = line.trim().split(/\s+/);
    return /^(iface|auto|allow-[a-z]+)$/.test(keyword) && words.includes(name);
  });
}
