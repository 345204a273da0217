import { BugError } from '../../core/errors.ts';
import type { Quoted } from './quoted.ts';

/**
 * An overlay's text with each `@@NAME@@` replaced.
 * @throws BugError on a placeholder without a value, and on a value without a placeholder
 */
export function fillPlaceholders(text: string, values: Readonly<Record<string, Quoted>>): string {
  const used = new Set<string>();
  const filled = text.replace(/@@([A-Z_]+)@@/g, (_match, name: string) => {
    const value = values[name];
    if (value === undefined) throw new BugError(`the overlay has a placeholder @@${name}@@ without a value`);
    used.add(name);
    return value;
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new BugError(`the overlay has no placeholder for ${unused.join(', ')}`);
  return filled;
}
