/** What a package URL names. Empty qualifiers are left out. */
export interface PackageUrlParts {
  readonly type: 'deb' | 'generic';
  readonly namespace?: string;
  readonly name: string;
  readonly version: string;
  readonly qualifiers?: Readonly<Record<string, string>>;
}

/**
 * A package URL in its one canonical form (ECMA-427, "Rules for each PURL component"; of the type `deb`, namespace and
 * name are lower case). Tools compare package URLs as texts, so that `+` and `%2B` are two packages to them.
 */
export function formatPackageUrl({ type, namespace, name, version, qualifiers }: PackageUrlParts): string {
  const fold = (text: string) => (type === 'deb' ? text.toLowerCase() : text);
  const segments = (namespace ?? '').split('/').filter((segment) => segment !== '');
  const place = [...segments, name].map((part) => encode(fold(part))).join('/');
  const pairs = Object.entries(qualifiers ?? {})
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${encode(value)}`);
  const query = pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  return `pkg:${type}/${place}${version === '' ? '' : `@${encode(version)}`}${query}`;
}

/** "Character encoding": letters, digits, `.-_~` and the colon stay, every other byte of the UTF-8 is %XX. */
function encode(text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return bytes.replaceAll(/[^A-Za-z0-9.\-_~:]/g, (byte) => {
    return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
}
