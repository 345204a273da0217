import { basename } from 'node:path';
import { findBase } from './bases.ts';
import type { BuildRequest } from './build-request.ts';
import type { Context } from './context.ts';
import type { Purpose } from './host-tools.ts';
import { formatManifest } from './manifest.ts';
import type { ReleaseFile } from './model.ts';
import { readVersion } from './paths.ts';
import { applyChanges } from './steps/apply-changes.ts';
import { checkHostTools } from './steps/check-host-tools.ts';
import { checkImage } from './steps/check-image.ts';
import { copyBase } from './steps/copy-base.ts';
import { fetchBase } from './steps/fetch-base.ts';
import { hashRecipePassword } from './steps/hash-recipe-password.ts';
import { openDisk } from './steps/open-disk.ts';
import { listReads, planChanges } from './steps/plan-changes.ts';
import { provideLibqmi } from './steps/provide-libqmi.ts';
import { readBaseFiles } from './steps/read-base-files.ts';
import { readEpoch } from './steps/read-epoch.ts';
import { readOsRelease } from './steps/read-os-release.ts';
import { outputPaths, writeOutput } from './steps/write-output.ts';
import { findTarget } from './targets.ts';
import { hashFile, sha256Text } from './tools/hash.ts';

/** A finished image. */
export interface BuiltImage {
  readonly path: string;
  readonly manifestPath: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** All that was written for it, as SHA256SUMS lists it. */
  readonly files: readonly ReleaseFile[];
  readonly warnings: readonly string[];
}

/** What all images of one base share: the base itself, its system and libqmi for it. */
export type PreparedBase = Awaited<ReturnType<typeof prepareBase>>;

/** Everything decided, nothing written: what a dry run prints and `buildImage` applies. */
export type PreparedBuild = Awaited<ReturnType<typeof prepareBuild>>;

/**
 * The part of the work that depends on the base alone. Fills the cache; writes nothing else.
 * @throws any AppError; see each step
 */
export async function prepareBase(context: Context, request: Pick<BuildRequest, 'base' | 'libqmiSource'>) {
  const tools = await checkHostTools(context, purposesOf(request));
  const base = await fetchBase(context, request.base);
  context.report.step('Base')(`${base.name}, SHA-256 ${base.imgSha256.slice(0, 16)}…`);
  const disk = await openDisk(base.diskPath);
  const os = await readOsRelease(disk);
  const target = findTarget(os);
  const libqmi = await provideLibqmi(context, disk, target, request.libqmiSource);
  return { tools, base, disk, os, libqmi, baseEpochSeconds: await readEpoch(disk) };
}

/**
 * From what the user asks for to every change the image will have. Fills the cache; writes nothing else.
 * @param shared of this request's base, where it is at hand
 * @throws any AppError; see each step
 */
export async function prepareBuild(context: Context, request: BuildRequest, shared?: PreparedBase) {
  const prepared = shared ?? (await prepareBase(context, request));
  const { base, disk, os, libqmi, baseEpochSeconds } = prepared;
  const recipe = await hashRecipePassword(context, request.recipe, base.imgSha256);
  const files = await readBaseFiles(disk, listReads(recipe));
  const plan = planChanges(recipe, { os, baseSha256: base.imgSha256 }, files, libqmi.packages);
  context.report.step('Plan')(`${plan.changes.length} changes to ${os.prettyName}`);
  return { ...prepared, ...plan, recipe, files, epochSeconds: recipe.epochSeconds ?? baseEpochSeconds };
}

/**
 * The whole job: prepare, copy the base, apply, check, and only then give the image its name.
 * @param ready what `prepareBuild` made of this request, where it was called already
 */
export async function buildImage(
  context: Context,
  request: BuildRequest,
  ready?: PreparedBuild,
): Promise<BuiltImage> {
  const prepared = ready ?? (await prepareBuild(context, request));
  const paths = outputPaths(request.outputFolder, prepared.recipe.name);
  let finished = { sizeBytes: 0, sha256: '', manifest: '' };
  const inStep = async <T>(title: string, work: () => Promise<T>): Promise<T> => {
    const done = context.report.step(title);
    const result = await work();
    done();
    return result;
  };
  await writeOutput(paths, async (temporaryImage) => {
    const { changes, epochSeconds } = prepared;
    const copy = await inStep('Copy', () => copyBase(context, prepared.disk, temporaryImage));
    const disk = await inStep('Write', () => applyChanges(context, copy, changes, epochSeconds));
    await inStep('Check', () => checkImage(context, disk, changes, epochSeconds));
    const sha256 = await inStep('Checksum', () => hashFile(temporaryImage, context.signal));
    const { sizeBytes } = disk.layout;
    const image = { file: basename(paths.image), sizeBytes, sha256 };
    finished = { sizeBytes, sha256, manifest: formatManifest(describeBuild(request, prepared, image)) };
    return finished;
  });
  const { sizeBytes, sha256, manifest } = finished;
  const files: ReleaseFile[] = [
    { name: basename(paths.image), sizeBytes, sha256, kind: 'image' },
    {
      name: basename(paths.manifest),
      sizeBytes: Buffer.byteLength(manifest),
      sha256: sha256Text(manifest),
      kind: 'manifest',
    },
  ];
  return {
    ...{ path: paths.image, manifestPath: paths.manifest, warnings: prepared.warnings },
    ...{ sizeBytes, sha256, files },
  };
}

/**
 * A hash of all that decides an image's bytes and its manifest's: where it is the same, building again gives the same
 * files. Secrets are part of it, so it is as secret as they are.
 */
export function identifyBuild(request: BuildRequest, prepared: PreparedBuild): string {
  const image = { file: `${prepared.recipe.name}.img`, sizeBytes: 0, sha256: '' };
  const secrets = prepared.changes.flatMap((change) =>
    change.kind === 'file' && change.secret === true ? [change.path, sha256Text(change.content)] : [],
  );
  return sha256Text(JSON.stringify([formatManifest(describeBuild(request, prepared, image)), secrets]));
}

function describeBuild(
  request: BuildRequest,
  prepared: PreparedBuild,
  image: { file: string; sizeBytes: number; sha256: string },
) {
  return {
    wwanpiVersion: readVersion(),
    image,
    os: prepared.os,
    inputs: [prepared.base.input, ...prepared.libqmi.inputs, ...request.inputs],
    options: request.publicOptions,
    tools: prepared.tools,
    packages: prepared.libqmi.packages,
    sourceDateEpoch: prepared.epochSeconds,
    changes: prepared.changes,
  };
}

/** What the host must have for a request; which build system a file's libqmi needs is only known later. */
function purposesOf(request: Pick<BuildRequest, 'base' | 'libqmiSource'>): Purpose[] {
  const base = findBase(request.base);
  const always: Purpose[] = ['image', 'libqmi'];
  if (request.libqmiSource !== undefined || base === undefined) {
    return [...always, 'libqmi-autotools', 'libqmi-meson'];
  }
  return base.kind === 'built' ? [...always, 'libqmi-meson', 'debian-base'] : [...always, 'libqmi-autotools'];
}
