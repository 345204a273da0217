import { resolve } from 'node:path';
import { findBase } from '../base/bases.ts';
import { checkBaseRef } from '../base/fetch-base.ts';
import { findTarget, type TargetProfile } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import type { Disk, OsRelease } from '../core/model.ts';
import { assertCleanBase } from '../image/assert-clean.ts';
import { readBaseFiles } from '../image/read-base-files.ts';
import { readOsRelease } from '../image/read-os-release.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { detectFormat } from '../tools/archive.ts';
import { findFaults, listRequiredFiles, refuseFaults } from './plan-changes.ts';

/** What a base turns out to be. */
export interface CheckedBase {
  readonly os: OsRelease;
  readonly target: TargetProfile;
}

/**
 * Whether a base can be used, in the seconds before the minutes: sound file systems, a release wwanpi builds for, and all
 * that the stages need.
 * @param recipes what is to be made of it
 * @throws InputError where it cannot, or can become none of the recipes, with all that stands in the way
 */
export async function checkBase(
  context: Context,
  disk: Disk,
  recipes: readonly Recipe[],
): Promise<CheckedBase> {
  await assertCleanBase(context, disk);
  const os = await readOsRelease(disk);
  const target = findTarget(os);
  const faults: string[] = [];
  for (const recipe of recipes) {
    const found = findFaults(recipe, os, await readBaseFiles(disk, listRequiredFiles(recipe)));
    // Of a fleet, the images that can be made are made, and the others say for themselves why not.
    if (found.length === 0) return { os, target };
    faults.push(...found);
  }
  refuseFaults([...new Set(faults)]);
  return { os, target };
}

/** The path of a base that is a raw .img and needs no fetching or unpacking; undefined for any other, a wrong one too. */
export async function findRawBase(ref: string): Promise<string | undefined> {
  if (findBase(ref) !== undefined || (await checkBaseRef(ref)) !== undefined) return undefined;
  const path = resolve(ref);
  return (await detectFormat(path)) === 'img' ? path : undefined;
}
