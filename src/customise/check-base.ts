import { resolve } from 'node:path';
import { listStages } from '../../stage/index.ts';
import { findBase } from '../base/bases.ts';
import { checkBaseRef } from '../base/fetch-base.ts';
import { findTarget, type Target } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import type { Disk, OsRelease, SystemFacts } from '../core/model.ts';
import { assertCleanBase } from '../image/assert-clean.ts';
import { readBaseFiles } from '../image/read-base-files.ts';
import { readOsRelease } from '../image/read-os-release.ts';
import { readSystem } from '../image/read-system.ts';
import { findLibqmiFault, type LibqmiRequest } from '../recipe/choose-libqmi.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { detectFormat } from '../tools/archive.ts';
import { findFaults, listRequiredFiles, refuseFaults } from './plan-changes.ts';
import { readBasePlaces } from './read-base-places.ts';

/** The system of a usable base. */
export interface CheckedBase {
  readonly os: OsRelease;
  readonly system: SystemFacts;
  readonly target: Target;
}

/**
 * Checks in seconds, before the minutes of compiling, that a base is usable: clean file systems, a release that wwanpi
 * builds for, and everything that the stages need.
 * @param request where libqmi is to come from
 * @param recipes the recipes for this base
 * @throws InputError if it is unusable; if no recipe is possible, with everything that prevents them
 */
export async function checkBase(
  context: Context,
  disk: Disk,
  request: LibqmiRequest,
  recipes: readonly Recipe[],
): Promise<CheckedBase> {
  await assertCleanBase(context, disk);
  const os = await readOsRelease(disk);
  const system = await readSystem(disk);
  const target = findTarget(os, system.architecture);
  const libqmiFault = findLibqmiFault(request, system.stack, target);
  const faults = libqmiFault === undefined ? [] : [libqmiFault];
  for (const recipe of recipes) {
    const places = await readBasePlaces(disk, recipe.own);
    const files = await readBaseFiles(disk, listRequiredFiles(recipe, listStages(system.stack)));
    const found = findFaults(recipe, { os, system, places }, files);
    // A fleet builds the possible images, and each other image reports its own error.
    if (found.length === 0 && libqmiFault === undefined) return { os, system, target };
    faults.push(...found);
  }
  refuseFaults([...new Set(faults)]);
  return { os, system, target };
}

/** The path of a base that is a raw .img, which needs no download and no unpacking; undefined for any other. */
export async function findRawBase(ref: string): Promise<string | undefined> {
  if (findBase(ref) !== undefined || (await checkBaseRef(ref)) !== undefined) return undefined;
  const path = resolve(ref);
  return (await detectFormat(path)) === 'img' ? path : undefined;
}
