import { relative } from 'node:path';
import type { BuildRequest } from '../build-request.ts';
import type { Context } from '../context.ts';
import { formatTreeDiff } from '../formats/tree-diff.ts';
import { buildImage, prepareBuild } from '../pipeline.ts';
import { formatBytes } from '../terminal-report.ts';
import { formatArgv } from '../tools/exec.ts';

/** Builds, or with `dryRun` only plans, and returns the text for standard output. */
export async function runBuild(context: Context, request: BuildRequest, dryRun: boolean): Promise<string> {
  if (dryRun) {
    const { changes, files, warnings } = await prepareBuild(context, request);
    warnings.forEach(context.report.warn);
    return formatTreeDiff(changes, files);
  }
  const image = await buildImage(context, request);
  image.warnings.forEach(context.report.warn);
  const path = showPath(image.path);
  return [
    '',
    `Image:    ${path} (${formatBytes(image.sizeBytes)})`,
    `SHA-256:  ${image.sha256}`,
    `Manifest: ${showPath(image.manifestPath)}`,
    '',
    'Write it to an SD card with Raspberry Pi Imager ("Use custom") or balenaEtcher, or, where lsblk',
    'shows the card as /dev/sdX (all on it is lost):',
    '',
    `  ${formatArgv(['sudo', 'dd', `if=${path}`, 'of=/dev/sdX', 'bs=4M', 'conv=fsync', 'status=progress'])}`,
    '',
  ].join('\n');
}

/** As short as it is below the working folder; a way up and down again is longer and says less than the whole path. */
function showPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
