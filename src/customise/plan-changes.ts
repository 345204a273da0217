import { stages as allStages } from '../../stage/index.ts';
import type { BaseFacts, Stage } from '../../stage/stage.ts';
import { BugError, InputError } from '../core/errors.ts';
import type { BaseFiles, BuiltPackage, FileChange } from '../core/model.ts';
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
        hint: 'the stock Raspbian Stretch Lite images and --base debian-bookworm have all it takes',
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
