import { listStages } from '../../stage/index.ts';
import type { BaseFacts, Stage, StagePlan } from '../../stage/stage.ts';
import { BugError, InputError } from '../core/errors.ts';
import type { BaseFiles, BuiltPackage, FileChange } from '../core/model.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { findCollisions } from './find-collisions.ts';
import { readOverlay } from './read-overlay.ts';

/** Every change of the image, and the warnings for the user. */
export interface Plan {
  readonly changes: readonly FileChange[];
  readonly warnings: readonly string[];
  /** Room on the root file system that the Pi needs besides them. */
  readonly roomBytes: number;
}

/** The base's files to read before planning: every path that a stage reads or replaces, sorted, without duplicates. */
export function listRequiredFiles(
  recipe: Recipe,
  stages: readonly Stage[] = listStages('ifupdown'),
  packages: readonly BuiltPackage[] = [],
): string[] {
  return [...new Set(stages.flatMap((stage) => stage.reads(recipe, packages)))].sort();
}

/** Replaces the hash of a password that is not hashed yet. */
const STAND_IN_HASH = '$6$wwanpi$';

/**
 * Finds everything in this base that prevents a recipe. Needs neither libqmi's packages nor the base's hash.
 * @param files the files of `listRequiredFiles`
 */
export function findFaults(
  recipe: Recipe,
  facts: Omit<BaseFacts, 'baseSha256'>,
  files: BaseFiles,
  stages: readonly Stage[] = listStages(facts.system.stack),
): string[] {
  const hashed: Recipe =
    recipe.password.kind === 'clear'
      ? { ...recipe, password: { kind: 'hash', hash: STAND_IN_HASH } }
      : recipe;
  return listFaults(planStages(hashed, { ...facts, baseSha256: '' }, files, [], stages));
}

/** @throws InputError listing the faults, if there are any */
export function refuseFaults(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const list = faults.map((fault) => `  - ${fault}`).join('\n');
  const isOfBase = faults.some((fault) => !fault.startsWith('--extra-tree'));
  throw new InputError(`this base can't become the image you asked for:\n${list}`, {
    hint: isOfBase
      ? 'use a stock Raspbian Stretch Lite image or --base debian-bookworm, which have everything needed'
      : 'change the tree; wwanpi build --dry-run shows what becomes of it',
  });
}

/**
 * Renders every stage into changes; reads and writes nothing.
 * @param recipe with its password hashed (`hashRecipePassword`)
 * @param files the files of `listRequiredFiles`
 * @throws InputError naming everything in this base that prevents a stage; BugError when two stages change one path
 */
export function planChanges(
  recipe: Recipe,
  facts: BaseFacts,
  files: BaseFiles,
  packages: readonly BuiltPackage[],
  stages: readonly Stage[] = listStages(facts.system.stack),
): Plan {
  const plans = planStages(recipe, facts, files, packages, stages);
  refuseFaults(listFaults(plans));
  const changes = plans.flatMap((plan) => plan.changes);
  const owners = new Map<string, string>();
  for (const change of changes) {
    const owner = owners.get(change.path);
    if (owner !== undefined) {
      throw new BugError(`the stages ${owner} and ${change.stage} both change ${change.path}`);
    }
    owners.set(change.path, change.stage);
  }
  return {
    changes,
    warnings: [...new Set(plans.flatMap((plan) => plan.warnings ?? []))],
    roomBytes: plans.reduce((sum, { roomBytes = 0 }) => sum + roomBytes, 0),
  };
}

function planStages(
  recipe: Recipe,
  facts: BaseFacts,
  files: BaseFiles,
  packages: readonly BuiltPackage[],
  stages: readonly Stage[],
): StagePlan[] {
  return stages.map((stage) => {
    const asked = new Set(stage.reads(recipe, packages));
    const own = new Map([...files].filter(([path]) => asked.has(path)));
    return stage.plan({
      recipe,
      facts,
      files: own,
      packages,
      overlay: (path) => readOverlay(path, facts.system),
    });
  });
}

function listFaults(plans: readonly StagePlan[]): string[] {
  const changes = plans.flatMap((plan) => plan.changes);
  return [...new Set([...plans.flatMap((plan) => plan.faults ?? []), ...findCollisions(changes)])];
}
