import { readFile } from 'node:fs/promises';
import { findBase } from '../base/bases.ts';
import { lookUpTarget, type TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { type DebContents, parseDeb } from '../formats/debian/deb.ts';
import { type Purpose, probeHostTools } from '../host/host-tools.ts';
import { expectLibqmi, type LibqmiRequest } from '../recipe/choose-libqmi.ts';
import { explainNoSandbox } from '../tools/bwrap.ts';
import type { Apt } from '../tools/debian/apt.ts';
import { downloadPackages, resolvePackages } from '../tools/debian/apt-packages.ts';
import { compileLibqmi } from './compile-libqmi.ts';
import { fetchLibqmiSource, type LibqmiSource } from './fetch-libqmi-source.ts';
import type { LibqmiBuild } from './libqmi-install.ts';
import { identifySysroot, prepareSysroot, type Sysroot } from './prepare-sysroot.ts';
import { LIBRARY_PACKAGES, readPackagedLibraries } from './read-packaged-libraries.ts';

/** A compiled libqmi, and what it was compiled from. */
export interface CompiledLibqmi {
  readonly source: LibqmiSource;
  readonly sysroot: Sysroot;
  readonly build: LibqmiBuild;
}

/** One that was compiled before there was the base. */
export interface EarlyLibqmi extends CompiledLibqmi {
  /** `identifySysroot` of a base that it fits. */
  readonly sysrootId: string;
}

/** Work beside the building of a base. */
export interface CompilesEarly {
  /** Starts it, once; for `fetchBase`. */
  readonly onBuild: (apt: Apt) => void;
  /**
   * Waits for it.
   * @returns undefined if it was not started: the base is in the cache, or needs no compiled libqmi
   * @throws its error
   */
  readonly finish: () => Promise<EarlyLibqmi | undefined>;
}

/**
 * Compiles libqmi while a base is being built, which takes longer and keeps one processor busy. It is compiled for the
 * packages that the base will have, not for its disk, so nothing waits for the disk.
 */
export function planEarlyLibqmi(context: Context, request: LibqmiRequest): CompilesEarly {
  const target = findEarlyTarget(request);
  let running: Promise<EarlyLibqmi> | undefined;
  return {
    onBuild: (apt) => {
      // A base is built a second time with newer lists if the mirror has changed.
      if (target === undefined || running !== undefined) return;
      running = compileEarly(context, apt, target, request.libqmiSource);
      // Who waits for it gets the error.
      running.catch(() => undefined);
    },
    finish: async () => running,
  };
}

/**
 * Whether this machine can compile libqmi in a sandbox, for whoever only fetches a base: that needs no compiler, and is
 * done as root.
 */
export async function canCompileLibqmi(context: Context): Promise<boolean> {
  const tools = await probeHostTools(context, new Set<Purpose>(['libqmi', 'libqmi-meson']));
  if (tools.some(({ version }) => version === undefined)) return false;
  return (await explainNoSandbox(context.exec, ['clang'])) === undefined;
}

/** The base's own compiler needs the base. */
function findEarlyTarget(request: LibqmiRequest): TargetProfile | undefined {
  const base = findBase(request.base);
  if (base?.kind !== 'built' || request.builder !== 'clang' || expectLibqmi(request) !== 'build')
    return undefined;
  const target = lookUpTarget({ id: 'debian', codename: base.codename }, base.architecture);
  return target?.kind === 'compiled' ? target : undefined;
}

async function compileEarly(
  context: Context,
  apt: Apt,
  target: TargetProfile,
  libqmiSource: string | undefined,
): Promise<EarlyLibqmi> {
  const names = (await resolvePackages(apt, LIBRARY_PACKAGES)).map(({ name }) => name);
  const debs = new Map<string, DebContents>();
  for (const { name, path } of await downloadPackages(apt, names))
    debs.set(name, await parseDeb(await readFile(path)));
  const base = await readPackagedLibraries(debs, target);
  const source = await fetchLibqmiSource(context, target, { libqmiSource });
  const sysroot = await prepareSysroot(context, base, target, apt);
  const build = await compileLibqmi(context, { source, sysroot, target, disk: undefined }, 'clang');
  return { source, sysroot, build, sysrootId: identifySysroot(base, target) };
}
