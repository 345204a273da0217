import type {
  BaseFiles,
  BasePlace,
  BuiltPackage,
  FileChange,
  OsRelease,
  SystemFacts,
} from '../src/core/model.ts';
import type { Recipe } from '../src/recipe/recipe.ts';

/** One group of changes to an image, as data. Pure: the same input gives the same plan. */
export interface Stage {
  readonly name: string;
  /** Paths of the base whose contents `plan` reads or replaces; read in one pass before planning. */
  reads(recipe: Recipe, packages: readonly BuiltPackage[]): readonly string[];
  plan(input: StageInput): StagePlan;
}

/** The input of a stage. */
export interface StageInput {
  readonly recipe: Recipe;
  readonly facts: BaseFacts;
  readonly files: BaseFiles;
  readonly packages: readonly BuiltPackage[];
  /** The text of an overlay by its path in the image, that of the stack where it has its own. `@@BOOT@@` is filled. */
  readonly overlay: (path: string) => string;
}

/** Facts about the base besides its files. */
export interface BaseFacts {
  readonly os: OsRelease;
  readonly system: SystemFacts;
  readonly baseSha256: string;
  /** What it has where the user's own files go, by their paths. */
  readonly places?: ReadonlyMap<string, BasePlace>;
}

/** The result of a stage. Faults say why it cannot change this base, and what to do; the faults of all stages are shown at once. */
export interface StagePlan {
  readonly changes: readonly FileChange[];
  readonly faults?: readonly string[];
  readonly warnings?: readonly string[];
  /** Room that the Pi needs on its root file system besides the changes. */
  readonly roomBytes?: number;
}
