import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { packageRoot } from '../../src/core/package.ts';
import type { DocPage } from './read-pages.ts';

/** A page may be so many clicks away from the README. */
const MAX_CLICKS = 2;
/** Pages that are read where they lie: by GitHub, or beside what they are about. */
const ALONE = /^(?:\.github\/|README\.md$)/;
const README_LINES = 150;

/** What is wrong with the pages, a line each: dead links and anchors, files that are not there, pages out of reach. */
export function checkPages(pages: readonly DocPage[]): string[] {
  const byPath = new Map(pages.map((page) => [page.path, page]));
  return [
    ...pages.flatMap((page) => [...checkLinks(page, byPath), ...checkFiles(page)]),
    ...checkReach(pages, byPath),
  ];
}

/** @returns what is wrong with the README's length, if anything */
export function checkReadme(text: string): string[] {
  const lines = text.trimEnd().split('\n').length;
  return lines <= README_LINES ? [] : [`README.md has ${lines} lines; at most ${README_LINES} are wanted`];
}

function checkLinks(page: DocPage, byPath: ReadonlyMap<string, DocPage>): string[] {
  return page.links.flatMap((link) => {
    const target = resolveLink(page, link);
    if (target === undefined) return [];
    if (!existsSync(join(packageRoot, target.path))) return [`${page.path}: ${link}: there is no such file`];
    const anchors = byPath.get(target.path)?.anchors;
    return target.anchor === '' || anchors === undefined || anchors.has(target.anchor)
      ? []
      : [`${page.path}: ${link}: ${target.path} has no such heading`];
  });
}

function checkFiles({ path, files }: DocPage): string[] {
  return files
    .filter((file) => !existsSync(join(packageRoot, file)))
    .map((file) => `${path}: \`${file}\`: there is no such file`);
}

function checkReach(pages: readonly DocPage[], byPath: ReadonlyMap<string, DocPage>): string[] {
  let reached = new Set(['README.md']);
  for (let clicks = 0; clicks < MAX_CLICKS; clicks++) {
    const next = [...reached].flatMap((path) => {
      const page = byPath.get(path);
      return page === undefined ? [] : page.links.map((link) => resolveLink(page, link)?.path ?? path);
    });
    reached = new Set([...reached, ...next]);
  }
  return pages
    .filter(({ path }) => !ALONE.test(path) && !reached.has(path))
    .map(({ path }) => `${path}: not to be reached from README.md in ${MAX_CLICKS} clicks`);
}

/** Where a link leads within the repo; undefined where it leads outside. */
function resolveLink(page: DocPage, link: string): { path: string; anchor: string } | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return undefined;
  const [file = '', anchor = ''] = decodeURI(link).split('#');
  const path = file === '' ? page.path : normalize(join(dirname(page.path), file));
  return { path, anchor };
}
