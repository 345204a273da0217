import type { Architecture, Stack } from '../core/model.ts';
import type { InitFormat, PiModel } from '../formats/release-files/os-list.ts';
import type { DebianRecipe } from './debian-recipes.ts';

/** What every named base says of itself. */
interface BaseFacts {
  readonly name: string;
  readonly description: string;
  /** Its release, by Debian's codename. */
  readonly codename: string;
  readonly architecture: Architecture;
  /** How its images dial. */
  readonly stack: Stack;
  /** The Pis that start it. */
  readonly models: readonly PiModel[];
  /** How Raspberry Pi Imager's customisation works beside what wwanpi sets. */
  readonly initFormat: InitFormat;
  /** Its users who can log in with a password of the base. */
  readonly passwordUsers: readonly string[];
}

/** A base image published as an archive with one .img inside. */
export interface DownloadedBase extends BaseFacts {
  readonly kind: 'download';
  /** Path below each of `DOWNLOAD_ROOTS`. */
  readonly path: string;
  readonly format: 'zip' | 'xz';
  /** SHA-256 of the archive, as published beside it. */
  readonly sha256: string;
  /** Size of the .img inside, where known. */
  readonly imgBytes: number | undefined;
  /** Largest download accepted. */
  readonly maxArchiveBytes: number;
  /** The name without a date, where a newer one has it. */
  readonly earlierOf: string | undefined;
}

/** A base image built on this machine from a distribution's packages. */
export interface BuiltBase extends BaseFacts {
  readonly kind: 'built';
  readonly recipe: DebianRecipe;
}

/** An entry of `BASES`. */
export type NamedBase = DownloadedBase | BuiltBase;
