import { findBase } from './base/bases.ts';
import { fetchBase } from './base/fetch-base.ts';
import { findTarget } from './base/targets.ts';
import type { Context } from './core/context.ts';
import type { ReleaseFile } from './core/model.ts';
import { readVersion } from './core/package.ts';
import { applyChanges } from './customise/apply-changes.ts';
import { checkImage } from './customise/check-image.ts';
import { hashRecipePassword } from './customise/hash-recipe-password.ts';
import { listReads, planChanges } from './customise/plan-changes.ts';
import { checkHostTools } from './host/check-host-tools.ts';
import type { Purpose } from './host/host-tools.ts';
import { copyBase } from './image/copy-base.ts';
import { demandCleanBase } from './image/demand-clean.ts';
import { openDisk } from './image/open-disk.ts';
import { readBaseFiles } from './image/read-base-files.ts';
import { readEpoch } from './image/read-epoch.ts';
import { readOsRelease } from './image/read-os-release.ts';
import { provideLibqmi } from './libqmi/provide-libqmi.ts';
import type { BuildRequest } from './recipe/build-request.ts';
import { describeSoftware } from './release/describe-software.ts';
import { formatManifest } from './release/manifest.ts';
import type { FileSummary } from './release/read-blocks.ts';
import type { Signing } from './release/write-checksums.ts';
import { type OutputFile, writeOutput } from './release/write-output.ts';
import { writeRelease } from './release/write-release.ts';
import { sha256Text } from './tools/files/hash.ts';
import { encoderVersion } from './tools/lzma.ts';

/** A finished image. */
export interface BuiltImage {
  readonly folder: string;
  /** Of the raw image, also where only the packed one is kept. */
  readonly sizeBytes: number;
  readonly sha256: string;
  /** All that was written for it, as SHA256SUMS lists it. */
  readonly files: readonly ReleaseFile[];
  readonly warnings: readonly string[];
}

/** What of a request decides what its base is and which tools are needed. */
type BaseRequest = Pick<BuildRequest, 'base' | 'libqmiSource' | 'builder' | 'packing'>;

/** What all images of one base share: the base itself, its system and libqmi for it. */
export type PreparedBase = Awaited<ReturnType<typeof prepareBase>>;

/** Everything decided, nothing written: what a dry run prints and `buildImage` applies. */
export type PreparedBuild = Awaited<ReturnType<typeof prepareBuild>>;

/**
 * The part of the work that depends on the base alone. Fills the cache; writes nothing else.
 * @throws any AppError; see each step
 */
export async function prepareBase(context: Context, request: BaseRequest) {
  const tools = await checkHostTools(context, purposesOf(request));
  const base = await fetchBase(context, request.base);
  context.report.step('Base')(`${base.name}, SHA-256 ${base.imgSha256.slice(0, 16)}…`);
  const disk = await openDisk(base.diskPath);
  await demandCleanBase(context, disk);
  const os = await readOsRelease(disk);
  const target = findTarget(os);
  const libqmi = await provideLibqmi(context, disk, target, request);
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
 * The whole job: prepare, copy the base, apply, check, make the release files in one pass over the image, and only then
 * give them their names.
 * @param ready what `prepareBuild` made of this request, where it was called already
 * @param signing who signs SHA256SUMS
 */
export async function buildImage(
  context: Context,
  request: BuildRequest,
  ready?: PreparedBuild,
  signing: Signing = 'nobody',
): Promise<BuiltImage> {
  const prepared = ready ?? (await prepareBuild(context, request));
  const { changes, epochSeconds } = prepared;
  const { name } = prepared.recipe;
  const inStep = async <T>(title: string, work: () => Promise<T>): Promise<T> => {
    const done = context.report.step(title);
    const result = await work();
    done();
    return result;
  };
  let summary: FileSummary = { sizeBytes: 0, sha256: '' };
  const { warn } = context.report;
  const make = async (partialPath: (file: string) => string): Promise<OutputFile[]> => {
    const copy = await inStep('Copy', () => copyBase(context, prepared.disk, partialPath(`${name}.img`)));
    const disk = await inStep('Write', () => applyChanges(context, copy, changes, epochSeconds));
    await inStep('Check', () => checkImage(context, disk, changes, epochSeconds));
    const released = await inStep('Release', () => writeRelease(context, request, disk, partialPath));
    summary = released.image;
    const manifest = formatManifest(describeBuild(request, prepared, { file: `${name}.img`, ...summary }));
    const sbom = await describeSoftware(disk, listSoftware(prepared, summary.sha256));
    return [
      ...released.files,
      { name: `${name}.manifest.json`, kind: 'manifest', content: manifest },
      { name: `${name}.sbom.json`, kind: 'sbom', content: sbom },
    ];
  };
  const files = await writeOutput(request.outputFolder, name, make, { signing, warn });
  return { folder: request.outputFolder, ...summary, files, warnings: prepared.warnings };
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
  const packer = [request.packing, encoderVersion()];
  return sha256Text(
    JSON.stringify([formatManifest(describeBuild(request, prepared, image)), secrets, packer]),
  );
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

function listSoftware({ recipe, os, base, libqmi, epochSeconds }: PreparedBuild, imageSha256: string) {
  return {
    ...{ name: recipe.name, imageSha256, os, epochSeconds },
    base: base.input,
    libqmiSource: { ...libqmi.source, version: libqmi.version },
    ownPackages: libqmi.packages,
  };
}

/** What the host must have for a request; which build system a file's libqmi needs is only known later. */
function purposesOf({ packing, ...request }: BaseRequest): Purpose[] {
  const base = findBase(request.base);
  const always: Purpose[] = [
    'image',
    'libqmi',
    ...(packing.format === 'zstd' ? (['pack-zstd'] as const) : []),
    ...(request.builder === 'qemu' ? (['libqmi-qemu'] as const) : []),
  ];
  if (request.libqmiSource !== undefined || base === undefined) {
    return [...always, 'libqmi-autotools', 'libqmi-meson'];
  }
  return base.kind === 'built' ? [...always, 'libqmi-meson', 'debian-base'] : [...always, 'libqmi-autotools'];
}
