import type { TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import type { Disk, Libqmi } from '../core/model.ts';
import type { BaseRequest } from '../recipe/list-purposes.ts';
import { checkBuilder } from './check-builder.ts';
import { checkElf } from './check-elf.ts';
import type { CompiledLibqmi, CompilesEarly } from './compile-early.ts';
import { compileLibqmi } from './compile-libqmi.ts';
import { fetchLibqmiSource } from './fetch-libqmi-source.ts';
import { packageLibqmi } from './package-libqmi.ts';
import { identifySysroot, prepareSysroot } from './prepare-sysroot.ts';
import { readBaseLibraries } from './read-base-libraries.ts';

/** What libqmi is compiled for. */
export interface LibqmiInputs {
  readonly disk: Disk;
  readonly target: TargetProfile;
  readonly origin: 'known' | 'foreign';
  /** What is compiled while the base is built. */
  readonly early: CompilesEarly;
  /** Waits until the base is checked against its SHA-256. */
  readonly proven: () => Promise<void>;
}

/**
 * Compiles libqmi for the base, unless that was begun while the base was built, checks it, and makes packages of it.
 * @throws any AppError; see each step
 */
export async function buildLibqmi(
  context: Context,
  { libqmiSource, builder }: BaseRequest,
  { disk, target, origin, early: compiling, proven }: LibqmiInputs,
): Promise<Libqmi> {
  await checkBuilder(context, disk, target, builder);
  const libraries = await readBaseLibraries(context, disk, target);
  const early = await compiling.finish();
  const compile = async (): Promise<CompiledLibqmi> => {
    const sysroot = await prepareSysroot(context, libraries, target);
    const source = await fetchLibqmiSource(context, target, { libqmiSource });
    // The steps before take longer than the hash; the compilation may take minutes.
    await proven();
    const build = await compileLibqmi(context, { source, disk, sysroot, target }, builder);
    return { source, sysroot, build };
  };
  const fits = early?.sysrootId === identifySysroot(libraries, target);
  const { source, sysroot, build } = fits && early !== undefined ? early : await compile();
  await checkElf(context, build, sysroot, target, origin);
  return packageLibqmi(build, source, sysroot, target);
}
