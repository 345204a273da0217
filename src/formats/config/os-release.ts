import { InputError } from '../../core/errors.ts';
import type { OsRelease } from '../../core/model.ts';

/**
 * Reads /etc/os-release (os-release(5)): shell-like assignments, `#` comments, optional quotes.
 * Stretch has no VERSION_CODENAME; its name is in brackets in VERSION="9 (stretch)".
 * @throws InputError when it names no system or no release
 */
export function parseOsRelease(text: string): OsRelease {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Z0-9_]+)=(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) fields.set(match[1], unquote(match[2]));
  }
  const id = fields.get('ID');
  if (id === undefined || id === '') throw new InputError('/etc/os-release of the base image has no ID');
  const codename = fields.get('VERSION_CODENAME') || /\(([a-z]+)\)/.exec(fields.get('VERSION') ?? '')?.[1];
  if (codename === undefined) {
    throw new InputError(`/etc/os-release of the base image names no release (ID=${id})`, {
      hint: 'it needs VERSION_CODENAME=, or VERSION="9 (stretch)" as on Stretch',
    });
  }
  return { id, codename, prettyName: fields.get('PRETTY_NAME') || `${id} ${codename}` };
}

function unquote(value: string): string {
  const quote = value[0];
  if (value.length < 2 || (quote !== '"' && quote !== "'") || !value.endsWith(quote)) return value;
  const inner = value.slice(1, -1);
  return quote === '"' ? inner.replace(/\\([\\"$`])/g, '$1') : inner;
}
