import type { BaseFiles, BuiltPackage, FileChange, OsRelease } from '../src/core/model.ts';
import type { Recipe } from '../src/recipe/recipe.ts';

/** One group of changes to an image, as data. Pure: the same input gives the same plan. */
export interface Stage {
  readonly name: string;
  /** Paths of the base whose content `plan` looks at or replaces; read in one go before planning. */
  reads(recipe: Recipe): readonly string[];
  plan(input: StageInput): StagePlan;
}

/** What a stage decides from. */
export interface StageInput {
  readonly recipe: Recipe;
  readonly facts: BaseFacts;
  readonly files: BaseFiles;
  readonly packages: readonly BuiltPackage[];
  /** The text of an overlay by its path in the image. */
  readonly overlay: (path: string) => string;
}

/** What is known of the base besides its files. */
export interface BaseFacts {
  readonly os: OsRelease;
  readonly baseSha256: string;
}

/** What a stage asks for. Faults say why this base can't take it, and what to do; all stages' show at once. */
export interface StagePlan {
  readonly changes: readonly FileChange[];
  readonly faults?: readonly string[];
  readonly warnings?: readonly string[];
}
