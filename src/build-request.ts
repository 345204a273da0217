import type { InputRecord } from './model.ts';
import type { Packing } from './packing.ts';
import type { Recipe } from './recipe.ts';

/** Everything one build was asked for, checked before any work. */
export interface BuildRequest {
  readonly recipe: Recipe;
  /** A named base or a file. */
  readonly base: string;
  readonly libqmiSource: string | undefined;
  readonly outputFolder: string;
  readonly packing: Packing;
  /** What was read to make the recipe, such as the carrier database. */
  readonly inputs: readonly InputRecord[];
  /** The options as given, for the manifest; what is secret is `"(secret)"`. */
  readonly publicOptions: Readonly<Record<string, unknown>>;
}
