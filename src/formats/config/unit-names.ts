import { asQuoted, type Quoted } from './quoted.ts';

/**
 * Names of systemd units for a list in a unit file (systemd.syntax(7)): separated by blanks.
 * @throws RangeError for a name with other characters than systemd.unit(5) allows, or with `%`, a specifier
 */
export function quoteUnitNames(names: readonly string[]): Quoted {
  const bad = names.find((name) => !/^[\w:.\\@-]+\.[a-z]+$/.test(name));
  if (bad !== undefined) throw new RangeError(`${JSON.stringify(bad)} is not the name of a unit`);
  // A backslash begins an escape.
  return asQuoted(names.map((name) => name.replaceAll('\\', '\\\\')).join(' '));
}
