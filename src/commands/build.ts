import { join, relative } from 'node:path';
import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import type { ReleaseFile } from '../core/model.ts';
import { findMainFile } from '../core/model.ts';
import { formatSudoCommand, isCalledByMake, readVersion } from '../core/package.ts';
import { formatTreeDiff } from '../formats/tree-diff.ts';
import { formatBytes } from '../formats/units.ts';
import { buildImage, prepareBuild } from '../pipeline.ts';
import type { BuildRequest } from '../recipe/build-request.ts';
import { describeChange } from '../release/manifest.ts';
import { prepareSigner } from '../release/prepare-signer.ts';
import { formatArgv } from '../tools/exec.ts';

/** How to run a build and print its result. */
export interface BuildRun {
  /** Plan without building. */
  readonly dryRun: boolean;
  /** The result as JSON: `changes` of a dry run, else `folder` and `files`. */
  readonly json: boolean;
  /** The key for SHA256SUMS. */
  readonly sign: string | undefined;
}

/** Builds, or plans a dry run, and returns the text for standard output. */
export async function runBuild(
  context: Context,
  request: BuildRequest,
  { dryRun, json, sign }: BuildRun,
): Promise<string> {
  const signer =
    sign === undefined
      ? undefined
      : await prepareSigner(context, sign, readVariable('WWANPI_SIGN_PASSPHRASE'));
  if (dryRun) {
    const { changes, files, warnings } = await prepareBuild(context, request);
    warnings.forEach(context.report.warn);
    return json ? formatJson({ changes: changes.map(describeChange) }) : formatTreeDiff(changes, files);
  }
  const image = await buildImage(context, request, undefined, signer ?? 'nobody');
  image.warnings.forEach(context.report.warn);
  if (json) return formatJson({ folder: image.folder, files: image.files });
  const { files, folder } = image;
  const getPath = ({ name }: ReleaseFile) => showPath(join(folder, name));
  const describe = (file: ReleaseFile, index: number) => [
    `${`${LABELS[file.kind]}:`.padEnd(12)}${getPath(file)} (${formatBytes(file.sizeBytes)})`,
    ...(index === 0 ? [`SHA-256:    ${file.sha256}`] : []),
  ];
  const signature =
    signer === undefined ? [] : [`Signature:  ${showPath(join(folder, `SHA256SUMS${signer.suffix}`))}`];
  return ['', ...files.flatMap(describe), ...signature, '', ...explainFlashing(files, getPath), ''].join(
    '\n',
  );
}

/** `changes` and `files` have the same shape as in the manifest and in fleet.json. */
function formatJson(result: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ wwanpi: readVersion(), ...result }, undefined, 2)}\n`;
}

const LABELS: Readonly<Record<ReleaseFile['kind'], string>> = {
  image: 'Image',
  packed: 'Compressed',
  bmap: 'Block map',
  manifest: 'Manifest',
  sbom: 'SBOM',
};

function explainFlashing(
  files: readonly ReleaseFile[],
  getPath: (file: ReleaseFile) => string,
): readonly string[] {
  const image = files.find((file) => file.kind === 'image');
  const main = findMainFile(files);
  const written = image ?? main;
  if (written === undefined) return [];
  const dd = [`if=${getPath(written)}`, 'of=/dev/sdX', 'bs=4M', 'conv=fsync', 'status=progress'];
  return [
    'Write it to an SD card (asks which one; everything on it is lost):',
    '',
    `  ${isCalledByMake() ? 'make flash' : formatArgv(formatSudoCommand(['flash', getPath(written)]))}`,
    '',
    `or with Raspberry Pi Imager ("Use custom")${image === undefined ? ' or balenaEtcher.' : ', balenaEtcher or dd:'}`,
    ...(image === undefined ? [] : ['', `  ${formatArgv(['sudo', 'dd', ...dd])}`]),
  ];
}

/** A path below the working folder is shown as relative, any other as absolute. */
function showPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
