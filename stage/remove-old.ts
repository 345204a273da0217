import type { BaseFiles, FileChange } from '../src/core/model.ts';

/** Removals of those files that the base has: an earlier wwanpi wrote them for another choice, or they are out of date. */
export function removeOld(stage: string, paths: readonly string[], files: BaseFiles): FileChange[] {
  return paths
    .filter((path) => files.get(path) !== undefined)
    .map((path) => ({ kind: 'remove', stage, path }));
}
