import { getField, type Paragraph, parseParagraph, splitParagraphs } from './deb822.ts';
import { isMet, listDepends } from './relations.ts';

/** A dependency that nothing meets: of the package `of`, as it is written there. */
export interface UnmetDependency {
  readonly of: string;
  readonly needs: string;
}

/**
 * What packages need (Depends and Pre-Depends, deb-control(5)) that neither the installed ones nor they themselves give,
 * by name or by Provides.
 * @param status the text of /var/lib/dpkg/status
 * @param packages the paragraphs of their control files
 */
export function findUnmet(status: string, packages: readonly string[]): UnmetDependency[] {
  const added = packages.map(parseParagraph);
  const names = new Set(added.map((each) => getField(each, 'Package')));
  const installed = splitParagraphs(status)
    .map(parseParagraph)
    .filter((each) => / installed$/.test(getField(each, 'Status') ?? ''))
    .filter((each) => !names.has(getField(each, 'Package')));
  const given = new Map<string, (string | undefined)[]>();
  for (const each of [...installed, ...added]) {
    for (const [name, version] of listGiven(each)) given.set(name, [...(given.get(name) ?? []), version]);
  }
  return added.flatMap((each) =>
    listDepends(each)
      .filter((choice) => !choice.some((entry) => isMet(entry, given)))
      .map((choice) => ({ of: getField(each, 'Package') ?? '', needs: choice.join(' | ') })),
  );
}

/** Its own name with its version, and what it provides: with a version only if one is named (Debian Policy 7.5). */
function listGiven(paragraph: Paragraph): [name: string, version: string | undefined][] {
  const provided = (getField(paragraph, 'Provides') ?? '').split(',').flatMap((entry) => {
    const [, name, version] = /^\s*([^\s:(]+)(?::\w+)?\s*(?:\(=\s*([^)\s]+)\s*\))?/.exec(entry) ?? [];
    return name === undefined ? [] : [[name, version] as [string, string | undefined]];
  });
  return [[getField(paragraph, 'Package') ?? '', getField(paragraph, 'Version')], ...provided];
}
