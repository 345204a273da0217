import type { InputRecord } from '../core/model.ts';
import { getChoices } from '../options/options.ts';
import type { Compression } from './compression.ts';
import type { Recipe } from './recipe.ts';

/** The ways libqmi is compiled; `qemu` is slow, and there to compare with. */
export const LIBQMI_BUILDERS = getChoices('builder');

/** One of `LIBQMI_BUILDERS`. */
export type LibqmiBuilder = (typeof LIBQMI_BUILDERS)[number];

/** Everything one build was asked for, checked before any work. */
export interface BuildRequest {
  readonly recipe: Recipe;
  /** A named base or a file. */
  readonly base: string;
  readonly libqmiSource: string | undefined;
  /** Who compiles libqmi: clang here, or the target's own compiler under emulation. */
  readonly builder: LibqmiBuilder;
  readonly outputFolder: string;
  readonly compression: Compression;
  /** What was read to make the recipe, such as the carrier database. */
  readonly inputs: readonly InputRecord[];
  /** The options as given, for the manifest; what is secret is `"(secret)"`. */
  readonly publicOptions: Readonly<Record<string, unknown>>;
}
