import { getField, type Paragraph } from './deb822.ts';
import { compareVersions } from './debian-version.ts';

/** What there is: versions by name; undefined for one that is provided without a version (Debian Policy 7.5). */
export type GivenPackages = ReadonlyMap<string, readonly (string | undefined)[]>;

/** What a package needs, Pre-Depends and Depends (deb-control(5)), each as a list of alternatives: `a (>= 1)`, `b`. */
export function listDepends(paragraph: Paragraph): string[][] {
  return ['Pre-Depends', 'Depends']
    .flatMap((name) => (getField(paragraph, name) ?? '').split(','))
    .map((choice) => choice.split('|').map((entry) => entry.replaceAll(/\s+/g, ' ').trim()))
    .filter((choice) => choice.some((entry) => entry !== ''));
}

/** Whether one alternative is met: `a`, `a:any`, `a (>= 1)`. */
export function isMet(entry: string, given: GivenPackages): boolean {
  const [, name = '', relation, wanted] =
    /^([a-z0-9][a-z0-9+.-]*)(?::\w+)?(?:\s*\((<<|<=|=|>=|>>)\s*([^)\s]+)\s*\))?/.exec(entry) ?? [];
  return (given.get(name) ?? []).some((version) => {
    if (relation === undefined || wanted === undefined) return true;
    if (version === undefined) return false;
    const order = compareVersions(version, wanted);
    if (relation === '=') return order === 0;
    if (relation === '<<') return order < 0;
    if (relation === '>>') return order > 0;
    return relation === '<=' ? order <= 0 : order >= 0;
  });
}
