import { basename } from 'node:path';
import { findBase } from './bases.ts';
import type { BuildRequest } from './build-request.ts';
import type { Context } from './context.ts';
import type { Purpose } from './host-tools.ts';
import { formatManifest } from './manifest.ts';

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
import { hashFile } from './tools/hash.ts';

/** A finished image. */
export interface BuiltImage {
  readonly path: string;
  readonly manifestPath: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly warnings: readonly string[];
}

/** Everything decided, nothing written: what a dry run prints and `buildImage` applies. */
export type PreparedBuild = Awaited<ReturnType<typeof prepareBuild>>;

/**
 * From what the user asks for to every change the image will have. Fills the cache; writes nothing else.
 * @throws any AppError; see each step
 */
export async function prepareBuild(context: Context, request: BuildRequest) {
  const tools = await checkHostTools(context, purposesOf(request));
  const base = await fetchBase(context, request.base);
  context.report.step('Base')(`${base.name}, SHA-256 ${base.imgSha256.slice(0, 16)}…`);
  const disk = await openDisk(base.diskPath);
  const os = await readOsRelease(disk);
  const target = findTarget(os);
  const libqmi = await provideLibqmi(context, disk, target, request.libqmiSource);
  const recipe = await hashRecipePassword(context, request.recipe, base.imgSha256);
  const files = await readBaseFiles(disk, listReads(recipe));
  const plan = planChanges(recipe, { os, baseSha256: base.imgSha256 }, files, libqmi.packages);
  const epochSeconds = recipe.epochSeconds ?? (await readEpoch(disk));
  context.report.step('Plan')(`${plan.changes.length} changes to ${os.prettyName}`);
  return { ...plan, tools, base, disk, os, libqmi, recipe, files, epochSeconds };
}

/** The whole job: prepare, copy the base, apply, check, and only then give the image its name. */
export async function buildImage(context: Context, request: BuildRequest): Promise<BuiltImage> {
  const prepared = await prepareBuild(context, request);
  const paths = outputPaths(request.outputFolder, prepared.recipe.name);
  let finished = { sizeBytes: 0, sha256: '' };
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
    finished = { sizeBytes: disk.layout.sizeBytes, sha256 };
    const image = { file: basename(paths.image), ...finished };
    return { sha256: finished.sha256, manifest: formatManifest(describeBuild(request, prepared, image)) };
  });
  return { path: paths.image, manifestPath: paths.manifest, warnings: prepared.warnings, ...finished };
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
function purposesOf(request: BuildRequest): Purpose[] {
  const base = findBase(request.base);
  const always: Purpose[] = ['image', 'libqmi'];
  if (request.libqmiSource !== undefined || base === undefined) {
    return [...always, 'libqmi-autotools', 'libqmi-meson'];
  }
  return base.kind === 'built' ? [...always, 'libqmi-meson', 'debian-base'] : [...always, 'libqmi-autotools'];
}
