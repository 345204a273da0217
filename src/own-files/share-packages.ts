import type { Context } from '../core/context.ts';
import type { Disk } from '../core/model.ts';
import type { OwnPackage } from '../recipe/own-files.ts';
import { sha256Text } from '../tools/files/hash.ts';
import type { PackageBase } from './open-base-apt.ts';
import { resolvePackages } from './resolve-packages.ts';

/** What the sources of a base have for one question, and what there was to warn of. */
interface Answer {
  readonly found: readonly OwnPackage[];
  readonly warnings: readonly string[];
}

/** The answers of this run. The images of a fleet have one base, and most of them ask the same. */
const answers = new WeakMap<Disk, Map<string, Promise<Answer>>>();

/**
 * As `resolvePackages`, which takes seconds of apt's time; the same question about one base is asked once in a run. Each
 * image gets the warnings.
 * @throws as `resolvePackages`; then the next image asks again
 */
export async function resolveOnce(
  context: Context,
  base: PackageBase,
  names: readonly string[],
  files: readonly OwnPackage[],
): Promise<readonly OwnPackage[]> {
  const known = answers.get(base.disk) ?? new Map<string, Promise<Answer>>();
  answers.set(base.disk, known);
  const key = sha256Text(JSON.stringify([base.status, names, files.map(({ sha256 }) => sha256)]));
  let answer = known.get(key);
  if (answer === undefined) {
    answer = ask(context, base, names, files);
    known.set(key, answer);
    answer.catch(() => known.delete(key));
  }
  const { found, warnings } = await answer;
  for (const text of warnings) context.report.warn(text);
  return [...files, ...found];
}

async function ask(
  context: Context,
  base: PackageBase,
  names: readonly string[],
  files: readonly OwnPackage[],
): Promise<Answer> {
  // A second try with fresh lists warns of the same again.
  const warnings = new Set<string>();
  const report = { ...context.report, warn: (text: string) => void warnings.add(text) };
  const all = await resolvePackages({ ...context, report }, base, names, files).catch((error: unknown) => {
    for (const text of warnings) context.report.warn(text);
    throw error;
  });
  return { found: all.slice(files.length), warnings: [...warnings] };
}
