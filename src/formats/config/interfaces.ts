import { BugError } from '../../core/errors.ts';
import type { Quoted } from './quoted.ts';
import { quoteShell } from './shell-words.ts';

/**
 * One word inside a `pre-up` or `post-down` line: the shell gets it as quoted, and interfaces(5) sees neither
 * a line end nor a trailing backslash, its continuation mark.
 * @throws BugError
 */
export function quoteIfupdownShell(value: string): Quoted {
  if (value.endsWith('\\')) throw new BugError('a value for an ifupdown command ends in a backslash');
  return quoteShell(value);
}

/**
 * The lines for which Raspbian's dhcpcd wrapper refuses to run at all: its own expression,
 * `^[[:space:]]*iface[[:space:]]*.*[[:space:]]*inet[[:space:]]*(dhcp|static)`, on /etc/network/interfaces alone.
 */
export function linesThatStopDhcpcd(interfaces: string): string[] {
  return interfaces.split('\n').filter((line) => /^\s*iface\s*.*\s*inet\s*(dhcp|static)/.test(line));
}

/** Whether /etc/network/interfaces takes in `interfaces.d/wwan0`, by `source-directory` or a `source` pattern. */
export function sourcesInterfacesD(interfaces: string): boolean {
  return interfaces
    .split('\n')
    .some(
      (line) =>
        /^\s*source-directory\s+(\/etc\/network\/)?interfaces\.d\/?\s*$/.test(line) ||
        /^\s*source(-directory)?\s+(\/etc\/network\/)?interfaces\.d\/(\*|w\S*\*|wwan0)\s*$/.test(line),
    );
}

/** Lines that already configure `name`, which would clash with a stanza in interfaces.d. */
export function linesAbout(interfaces: string, name: string): string[] {
  return interfaces.split('\n').filter((line) => {
    const [keyword = '', ...words] = line.trim().split(/\s+/);
    return /^(iface|auto|allow-[a-z]+)$/.test(keyword) && words.includes(name);
  });
}
