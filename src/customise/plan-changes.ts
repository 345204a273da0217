import { stages as allStages } from '../../stage/index.ts';
import type { BaseFacts, Stage } from '../../stage/stage.ts';
import { BugError, InputError } from '../core/errors.ts';
import type { BaseFiles, BuiltPackage, FileChange } from '../core/model.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { readOverlay } from './read-overlay.ts';

/** Every change of the image, and the warnings for the user. */
export interface Plan {
  readonly changes: readonly FileChange[];
  readonly warnings: readonly string[];
}

/** The base's files to read before planning: every path that a stage reads or replaces, sorted, without duplicates. */
export function listRequiredFiles(recipe: Recipe, stages: readonly Stage[] = allStages): string[] {
  return [...new Set(stages.flatMap((stage) => stage.reads(recipe)))].sort();
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
  stages: readonly Stage[] = allStages,
): Plan {
  const plans = stages.map((stage) => {
    const asked = new Set(stage.reads(recipe));
    const own = new Map([...files].filter(([path]) => asked.has(path)));
    return stage.plan({ recipe, facts, files: own, packages, overlay: readOverlay });
  });
  const faults = [...new Set(plans.flatMap((plan) => plan.faults ?? []))];
  if (faults.length > 0) {
    throw new InputError(
      `this base can't become the image you asked for:\n${faults.map((f) => `  - ${f}`).join('\n')}`,
      {
        hint: 'use a stock Raspbian Stretch Lite image or --base debian-bookworm, which have everything needed',
      },
    );
  }
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
