import { join, relative } from 'node:path';
import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import type { ReleaseFile } from '../core/model.ts';
import { findMainFile } from '../core/model.ts';
import { formatSudoCommand, readVersion } from '../core/package.ts';
import { formatTreeDiff } from '../formats/tree-diff.ts';
import { formatBytes } from '../formats/units.ts';
import { buildImage, prepareBuild } from '../pipeline.ts';
import type { BuildRequest } from '../recipe/build-request.ts';
import { describeChange } from '../release/manifest.ts';
import { prepareSigner } from '../release/prepare-signer.ts';
import { formatArgv } from '../tools/exec.ts';

/** How a build is to be gone about and told of. */
export interface BuildRun {
  /** Only plan. */
  readonly dryRun: boolean;
  /** The result as JSON: `changes` of a dry run, else `folder` and `files`. */
  readonly json: boolean;
  /** The key that signs SHA256SUMS. */
  readonly sign: string | undefined;
}

/** Builds, or only plans, and returns the text for standard output. */
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
    `${`${LABELS[file.kind]}:`.padEnd(11)}${getPath(file)} (${formatBytes(file.sizeBytes)})`,
    ...(index === 0 ? [`SHA-256:   ${file.sha256}`] : []),
  ];
  const signature =
    signer === undefined ? [] : [`Signature: ${showPath(join(folder, `SHA256SUMS${signer.suffix}`))}`];
  return ['', ...files.flatMap(describe), ...signature, '', ...explainFlashing(files, getPath), ''].join(
    '\n',
  );
}

/** As in the manifest and in fleet.json: `changes` and `files` are of the same shape there. */
function formatJson(result: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ wwanpi: readVersion(), ...result }, undefined, 2)}\n`;
}

const LABELS: Readonly<Record<ReleaseFile['kind'], string>> = {
  image: 'Image',
  packed: 'Packed',
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
    'Write it to an SD card, which is asked for and loses all that is on it:',
    '',
    `  ${formatArgv(formatSudoCommand(['flash', getPath(written)]))}`,
    '',
    `or with Raspberry Pi Imager ("Use custom")${image === undefined ? ' or balenaEtcher.' : ', balenaEtcher or dd:'}`,
    ...(image === undefined ? [] : ['', `  ${formatArgv(['sudo', 'dd', ...dd])}`]),
  ];
}

/** As short as it is below the working folder; a way up and down again is longer and says less than the whole path. */
function showPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
