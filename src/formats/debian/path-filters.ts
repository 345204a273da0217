/** A rule of dpkg for the files that it unpacks (dpkg(1), --path-exclude and --path-include). */
export interface PathFilter {
  readonly pattern: RegExp;
  readonly includes: boolean;
}

/** The rules of dpkg.cfg(5) files, in their order. */
export function parsePathFilters(texts: readonly string[]): PathFilter[] {
  return texts.flatMap((text) =>
    text.split('\n').flatMap((line) => {
      const [, kind, glob = ''] = /^\s*path-(exclude|include)[\s=]+"?(\/[^"]*?)"?\s*$/.exec(line) ?? [];
      return kind === undefined ? [] : [{ pattern: toPattern(glob), includes: kind === 'include' }];
    }),
  );
}

/** Whether dpkg leaves a file out: the last rule that fits it decides. */
export function isLeftOut(filters: readonly PathFilter[], path: string): boolean {
  const last = filters.findLast(({ pattern }) => pattern.test(path));
  return last !== undefined && !last.includes;
}

/** glob(7), where `*` and `?` match a slash, too. */
function toPattern(glob: string): RegExp {
  const source = glob.replaceAll(/\[[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '[\\s\\S]*';
    if (part === '?') return '[\\s\\S]';
    return part.length > 1
      ? `[${part.slice(1, -1).replace(/^!/, '^').replaceAll('\\', '\\\\')}]`
      : part.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
  });
  return new RegExp(`^${source}$`);
}
