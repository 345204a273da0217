import { stages as allStages } from '../../stage/index.ts';
import type { BaseFacts, Stage, StagePlan } from '../../stage/stage.ts';
import { BugError, InputError } from '../core/errors.ts';
import type { BaseFiles, BuiltPackage, FileChange, OsRelease } from '../core/model.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { readOverlay } from './read-overlay.ts';

/** Everything that will change in the image, and what the user should know about it. */
export interface Plan {
  readonly changes: readonly FileChange[];
  readonly warnings: readonly string[];
}

/** The base's files to read before planning: every path some stage looks at or replaces, once, sorted. */
export function listRequiredFiles(recipe: Recipe, stages: readonly Stage[] = allStages): string[] {
  return [...new Set(stages.flatMap((stage) => stage.reads(recipe)))].sort();
}

/** A crypt(3) hash to plan with before the password is hashed. */
const STAND_IN_HASH = '$6$wwanpi$';

/**
 * Everything about this base that stands in the way of a recipe, found without libqmi's packages and the base's hash.
 * @param files what `listRequiredFiles` asked for
 */
export function findFaults(
  recipe: Recipe,
  os: OsRelease,
  files: BaseFiles,
  stages: readonly Stage[] = allStages,
): string[] {
  const hashed: Recipe =
    recipe.password.kind === 'clear'
      ? { ...recipe, password: { kind: 'hash', hash: STAND_IN_HASH } }
      : recipe;
  return listFaults(planStages(hashed, { os, baseSha256: '' }, files, [], stages));
}

/** @throws InputError with the faults, if there are any */
export function refuseFaults(faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw new InputError(
    `this base can't become the image you asked for:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    {
      hint: 'the stock Raspbian Stretch Lite images and --base debian-bookworm have all it takes',
    },
  );
}

/**
 * Renders every stage into changes; nothing is read or written.
 * @param recipe with its password hashed (`hashRecipePassword`)
 * @param files what `listRequiredFiles` asked for
 * @throws InputError naming everything about this base that stands in the way; BugError when two stages touch
 *   one path
 */
export function planChanges(
  recipe: Recipe,
  facts: BaseFacts,
  files: BaseFiles,
  packages: readonly BuiltPackage[],
  stages: readonly Stage[] = allStages,
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
  return { changes, warnings: [...new Set(plans.flatMap((plan) => plan.warnings ?? []))] };
}

function planStages(
  recipe: Recipe,
  facts: BaseFacts,
  files: BaseFiles,
  packages: readonly BuiltPackage[],
  stages: readonly Stage[],
): StagePlan[] {
  return stages.map((stage) => {
    const asked = new Set(stage.reads(recipe));
    const own = new Map([...files].filter(([path]) => asked.has(path)));
    return stage.plan({ recipe, facts, files: own, packages, overlay: readOverlay });
  });
}

function listFaults(plans: readonly StagePlan[]): string[] {
  return [...new Set(plans.flatMap((plan) => plan.faults ?? []))];
}
