import { listStages } from '../stage/index.ts';
import type { BaseFacts } from '../stage/stage.ts';
import { findBase } from './base/bases.ts';
import { type BaseImage, fetchBase } from './base/fetch-base.ts';
import { withProvenBase } from './base/prove-base.ts';
import { warnUnsupported } from './base/support.ts';
import type { Context } from './core/context.ts';
import type { BaseFiles, Disk, Libqmi, OsRelease, ReleaseFile, SystemFacts } from './core/model.ts';
import { applyChanges } from './customise/apply-changes.ts';
import { type CheckedBase, checkBase, findRawBase } from './customise/check-base.ts';
import { checkImage } from './customise/check-image.ts';
import { hashRecipePassword } from './customise/hash-recipe-password.ts';
import { listRequiredFiles, type Plan, planChanges } from './customise/plan-changes.ts';
import { prepareStock } from './customise/prepare-stock.ts';
import { listComparable, readBasePlaces } from './customise/read-base-places.ts';
import { readPasswordUsers, warnNoLogin } from './customise/warn-no-login.ts';
import { DPKG_STATUS, getText } from './formats/config/base-text.ts';
import { adviseEncoder } from './host/advise-encoder.ts';
import { checkHostTools } from './host/check-host-tools.ts';
import type { ToolStatus } from './host/host-tools.ts';
import { assertOutputRoom } from './image/assert-output-room.ts';
import { openDisk } from './image/open-disk.ts';
import { readBaseFiles } from './image/read-base-files.ts';
import { readEpoch } from './image/read-epoch.ts';
import { buildLibqmi } from './libqmi/build-libqmi.ts';
import { type CompilesEarly, planEarlyLibqmi } from './libqmi/compile-early.ts';
import { readOwnFiles } from './own-files/read-own-files.ts';
import { getStatus } from './own-files/resolve-packages.ts';
import { resolveOnce } from './own-files/share-packages.ts';
import type { BuildRequest } from './recipe/build-request.ts';
import { chooseLibqmi, expectLibqmi } from './recipe/choose-libqmi.ts';
import { type BaseRequest, listPurposes } from './recipe/list-purposes.ts';
import type { OwnFiles } from './recipe/own-files.ts';
import type { Recipe } from './recipe/recipe.ts';
import { writeDescriptions } from './release/describe-build.ts';
import { type SharedWork, withCopy } from './release/shared-work.ts';
import type { Signing } from './release/write-checksums.ts';
import { type OutputFile, writeOutput } from './release/write-output.ts';
import { writeRelease } from './release/write-release.ts';

/**
 * Start reading here: every step of a build, from the request to the release, in order. Each step reports itself and
 * documents its errors in its own file.
 */

/** The parts of a build that depend only on the base. */
export interface PreparedBase {
  /** The host's programs, for the manifest. */
  readonly tools: readonly ToolStatus[];
  readonly base: BaseImage;
  /** The base's disk; never written to. */
  readonly disk: Disk;
  readonly os: OsRelease;
  readonly system: SystemFacts;
  readonly libqmi: Libqmi;
  /** When the base was last written, in seconds since 1970. */
  readonly baseEpochSeconds: number;
}

/** A complete plan of a build: a dry run prints it, `buildImage` applies it. */
export interface PreparedBuild extends PreparedBase, Plan {
  /** With its password hashed. */
  readonly recipe: Recipe;
  /** The base's files that the stages read. */
  readonly files: BaseFiles;
  /** Modification time of every file written, in seconds since 1970. */
  readonly epochSeconds: number;
}

/** A finished image. */
export interface BuiltImage {
  readonly folder: string;
  /** Its release files, as in SHA256SUMS. */
  readonly files: readonly ReleaseFile[];
  readonly warnings: readonly string[];
}

/**
 * Does the work that depends only on the base. Writes only to the cache.
 * @param recipes the recipes for this base; if none is possible, this throws before the long work
 * @param outputFolder of the one image that is built from it; if it has no room, this throws before the long work
 * @throws any AppError; see each step
 */
export async function prepareBase(
  context: Context,
  request: BaseRequest,
  recipes: readonly Recipe[] = [],
  outputFolder?: string,
): Promise<PreparedBase> {
  const named = findBase(request.base);
  if (named !== undefined) warnNoLogin(context, recipes, named.passwordUsers);
  const tools = await checkHostTools(context, listPurposes(request, expectLibqmi(request)));
  if (request.compression.format === 'xz') adviseEncoder(context.report);
  // A raw image needs no unpacking, so it is checked before the hash, which takes longer.
  const raw = await findRawBase(request.base);
  const early =
    raw === undefined ? undefined : await checkBase(context, await openDisk(raw), request, recipes);
  const libqmi = planEarlyLibqmi(context, request);
  const fetch = async () => {
    try {
      return await fetchBase(context, request.base, { onBuild: libqmi.onBuild });
    } finally {
      // If the base has failed, nothing runs on.
      await Promise.allSettled([libqmi.finish()]);
    }
  };
  return withProvenBase(context, fetch, (base, proven) =>
    prepareFrom(context, request, { tools, recipes, outputFolder, early, libqmi, base, proven }),
  );
}

async function prepareFrom(
  context: Context,
  request: BaseRequest,
  { tools: found, recipes, outputFolder, early, libqmi: compiled, base, proven }: BaseInputs,
): Promise<PreparedBase> {
  context.report.step('Base')(`${base.name}, SHA-256 ${base.imgSha256.slice(0, 16)}…`);
  const disk = await openDisk(base.diskPath);
  if (outputFolder !== undefined) await assertOutputRoom(outputFolder, disk);
  const { os, system, target } = early ?? (await checkBase(context, disk, request, recipes));
  warnUnsupported(context, os);
  const origin = findBase(request.base) === undefined ? 'foreign' : 'known';
  if (origin === 'foreign') warnNoLogin(context, recipes, await readPasswordUsers(disk));
  const choice = chooseLibqmi(request, system.stack, target);
  // A foreign base says only now what it needs.
  const tools =
    choice === expectLibqmi(request) ? found : await checkHostTools(context, listPurposes(request, choice));
  const libqmi =
    choice === 'build' && target.kind === 'compiled'
      ? await buildLibqmi(context, request, { disk, target, origin, early: compiled, proven })
      : await prepareStock(context, { disk, os, system, target });
  await proven();
  const baseEpochSeconds = await readEpoch(disk);
  return { tools, base, disk, os, system, libqmi, baseEpochSeconds };
}

interface BaseInputs {
  readonly tools: readonly ToolStatus[];
  readonly recipes: readonly Recipe[];
  readonly outputFolder: string | undefined;
  /** The check of a raw base, which is made before its hash. */
  readonly early: CheckedBase | undefined;
  /** What is compiled while the base is built. */
  readonly libqmi: CompilesEarly;
  readonly base: BaseImage;
  /** Waits until the base is checked against its SHA-256. */
  readonly proven: () => Promise<void>;
}

/**
 * Plans every change of the image from the user's request. Writes only to the cache.
 * @param shared result of `prepareBase` for this request's base, if available
 * @param more.outputFolder as for `prepareBase`
 * @param more.own the request's own files, if they are read already
 * @throws any AppError; see each step
 */
export async function prepareBuild(
  context: Context,
  request: BuildRequest,
  shared?: PreparedBase,
  { outputFolder, own }: { readonly outputFolder?: string; readonly own?: OwnFiles } = {},
): Promise<PreparedBuild> {
  const asked: Recipe = { ...request.recipe, own: own ?? (await readOwnFiles(context, request.own)) };
  const prepared = shared ?? (await prepareBase(context, request, [asked], outputFolder));
  const { base, disk, os, system, libqmi, baseEpochSeconds } = prepared;
  const hashed = await hashRecipePassword(context, asked, base.imgSha256);
  const places = await readBasePlaces(disk, hashed.own);
  const facts = { os, system, baseSha256: base.imgSha256, places };
  const recipe = await withPackages(context, prepared, hashed, facts, request.own.packageNames);
  const files = await readBaseFiles(disk, [
    ...listRequiredFiles(recipe, listStages(system.stack), libqmi.packages),
    ...listComparable(places),
  ]);
  const plan = planChanges(recipe, facts, files, libqmi.packages);
  context.report.step('Plan')(`${plan.changes.length} changes to ${os.prettyName}`);
  return { ...prepared, ...plan, recipe, files, epochSeconds: recipe.epochSeconds ?? baseEpochSeconds };
}

/** Adds the packages of the base's sources: those named, and what package files need. */
async function withPackages(
  context: Context,
  { disk, os, system, libqmi }: PreparedBase,
  recipe: Recipe,
  facts: BaseFacts,
  names: readonly string[],
): Promise<Recipe> {
  const { own } = recipe;
  if (names.length + own.packages.length === 0) return recipe;
  // They are installed beside what the other changes install.
  const stages = listStages(system.stack);
  const files = await readBaseFiles(disk, listRequiredFiles(recipe, stages, libqmi.packages));
  const { changes } = planChanges(recipe, facts, files, libqmi.packages);
  const status = getStatus(changes) ?? getText(files, DPKG_STATUS) ?? '';
  const { architecture } = system;
  const packages = await resolveOnce(context, { disk, os, architecture, status }, names, own.packages);
  return { ...recipe, own: { ...own, packages } };
}

/**
 * Builds an image: prepares, writes every file under a temporary name, and renames all files at the end.
 * @param ready result of `prepareBuild` for this request, if available
 * @param signing who signs SHA256SUMS
 * @param shared with other images of the run
 * @throws any AppError; see each step
 */
export async function buildImage(
  context: Context,
  request: BuildRequest,
  ready?: PreparedBuild,
  signing: Signing = 'nobody',
  shared?: SharedWork,
): Promise<BuiltImage> {
  const prepared =
    ready ?? (await prepareBuild(context, request, undefined, { outputFolder: request.outputFolder }));
  const folder = request.outputFolder;
  const make = (partialPath: (name: string) => string) =>
    makeFiles(context, request, prepared, partialPath, shared);
  const { warn } = context.report;
  const files = await writeOutput(folder, prepared.recipe.name, make, { signing, warn });
  return { folder, files, warnings: prepared.warnings };
}

/** Copies the base, applies and checks the changes, and makes the release files in one pass over the image. */
async function makeFiles(
  context: Context,
  request: BuildRequest,
  prepared: PreparedBuild,
  partialPath: (name: string) => string,
  shared: SharedWork | undefined,
): Promise<OutputFile[]> {
  const { changes, epochSeconds, recipe, roomBytes } = prepared;
  const { keepImage } = request.compression;
  const path = partialPath(`${recipe.name}.img`);
  return withCopy(context, prepared.disk, path, { keepImage, shared }, async (copy, reuse) => {
    const disk = await applyChanges(context, copy, changes, epochSeconds, roomBytes);
    await checkImage(context, disk, changes, epochSeconds);
    const { image, files } = await writeRelease(context, request, disk, partialPath, reuse);
    return [...files, ...(await writeDescriptions(request, prepared, disk, image))];
  });
}
