import type { Disk, FileChange, InputRecord, Libqmi, OsRelease, SystemFacts } from '../core/model.ts';
import { readVersion } from '../core/package.ts';
import type { ToolStatus } from '../host/host-tools.ts';
import type { BuildRequest } from '../recipe/build-request.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { encoderVersion } from '../tools/lzma.ts';
import { describeSoftware } from './describe-software.ts';
import { formatManifest, type ManifestInputs } from './manifest.ts';
import type { FileSummary } from './read-blocks.ts';
import type { OutputFile } from './write-output.ts';

/** The facts of a build that its manifest and SBOM record. */
export interface DescribedBuild {
  readonly recipe: Recipe;
  readonly os: OsRelease;
  readonly system: SystemFacts;
  readonly base: { readonly input: InputRecord };
  readonly libqmi: Libqmi;
  readonly tools: readonly ToolStatus[];
  readonly changes: readonly FileChange[];
  /** Seconds since 1970. */
  readonly epochSeconds: number;
}

/**
 * Writes the manifest and the SBOM of a finished image.
 * @param image the raw image's size and hash
 */
export async function writeDescriptions(
  request: BuildRequest,
  build: DescribedBuild,
  disk: Disk,
  image: FileSummary,
): Promise<OutputFile[]> {
  const { recipe, os, base, libqmi, epochSeconds } = build;
  const { name } = recipe;
  const sbom = await describeSoftware(disk, {
    name,
    imageSha256: image.sha256,
    os,
    epochSeconds,
    base: base.input,
    libqmiSource: libqmi.source === undefined ? undefined : { ...libqmi.source, version: libqmi.version },
    waiting: recipe.own.packages,
    ownPackages: libqmi.packages.filter(({ maker }) => maker === 'wwanpi'),
  });
  const manifest = formatManifest(listManifestInputs(request, build, image));
  return [
    { name: `${name}.manifest.json`, kind: 'manifest', content: manifest },
    { name: `${name}.sbom.json`, kind: 'sbom', content: sbom },
  ];
}

/**
 * Hashes everything that determines the bytes of an image and its manifest: if the hash is the same, another build
 * gives the same files. Secrets are included, so the hash is secret, too.
 */
export function identifyBuild(request: BuildRequest, build: DescribedBuild): string {
  const manifest = formatManifest(listManifestInputs(request, build, { sizeBytes: 0, sha256: '' }));
  const secrets = build.changes.flatMap((change) =>
    change.kind === 'file' && change.secret === true ? [change.path, sha256Text(change.content)] : [],
  );
  const packer = [request.compression, encoderVersion()];
  return sha256Text(JSON.stringify([manifest, secrets, packer]));
}

function listManifestInputs(
  request: BuildRequest,
  build: DescribedBuild,
  image: FileSummary,
): ManifestInputs {
  return {
    wwanpiVersion: readVersion(),
    image: { file: `${build.recipe.name}.img`, ...image },
    os: { ...build.os, architecture: build.system.architecture },
    inputs: [build.base.input, ...build.libqmi.inputs, ...request.inputs],
    options: request.publicOptions,
    tools: build.tools,
    packages: build.libqmi.packages,
    firstBoot: build.recipe.own,
    sourceDateEpoch: build.epochSeconds,
    changes: build.changes,
  };
}
