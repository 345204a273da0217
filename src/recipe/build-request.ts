import type { InputRecord } from '../core/model.ts';
import { getChoices } from '../options/options.ts';
import type { Compression } from './compression.ts';
import type { OwnFilesRequest } from './own-files.ts';
import type { Recipe } from './recipe.ts';

/** The ways to compile libqmi. `qemu` is slow and serves for comparison. */
export const LIBQMI_BUILDERS = getChoices('builder');

/** One of `LIBQMI_BUILDERS`. */
export type LibqmiBuilder = (typeof LIBQMI_BUILDERS)[number];

const LIBQMI_CHOICES = getChoices('libqmi');

/** Where the libqmi of an image comes from: the base's own, or one that wwanpi compiles. */
export type LibqmiChoice = (typeof LIBQMI_CHOICES)[number];

/** Everything that one build needs to know, checked before any work. */
export interface BuildRequest {
  readonly recipe: Recipe;
  /** A named base or a file. */
  readonly base: string;
  /** Whose libqmi dials; undefined: as the base needs it (`chooseLibqmi`). */
  readonly libqmi: LibqmiChoice | undefined;
  readonly libqmiSource: string | undefined;
  /** The compiler of libqmi: clang on this machine, or the target's own compiler under emulation. */
  readonly builder: LibqmiBuilder;
  /** The user's own files, packages and scripts, by their paths and names. */
  readonly own: OwnFilesRequest;
  readonly outputFolder: string;
  readonly compression: Compression;
  /** Data that the recipe was made from, such as the carrier database. */
  readonly inputs: readonly InputRecord[];
  /** The options as given, for the manifest; a secret value is `"(secret)"`. */
  readonly publicOptions: Readonly<Record<string, unknown>>;
}
