import { basename } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { type ChecksumState, checkChecksum, type FoundBmap, findBmap } from '../flash/find-sidecar-files.ts';
import { type FlashReport, flashImage } from '../flash/flash-image.ts';
import { detectImageFormat, type ImageFile, type ImageFormat, openImage } from '../flash/open-image.ts';
import { countBytes, planExtents } from '../flash/plan-extents.ts';
import { OptionsError } from '../formats/issues.ts';
import { printable } from '../formats/printable.ts';
import { formatBytes, formatDuration } from '../formats/units.ts';
import { checkHostTools } from '../host/check-host-tools.ts';
import type { Purpose } from '../host/host-tools.ts';
import { withRun } from '../host/with-run.ts';
import { askLine, canAsk } from './ask.ts';
import { checkTarget, chooseDevice, chooseImage, type FlashTarget } from './flash-choices.ts';

/** What the command line asks for. */
export interface FlashOptions {
  /** Undefined: the one in `out`, or one that is asked for. */
  readonly imagePath: string | undefined;
  /** Undefined: one that is asked for. */
  readonly targetPath: string | undefined;
  readonly yes: boolean;
  readonly force: boolean;
  /** A file; true: the one beside the image; false: none. */
  readonly bmap: string | boolean;
  readonly verify: boolean;
}

/** @throws InputError on options that don't go together */
export function parseFlashOptions(argv: Readonly<Record<string, unknown>>): FlashOptions {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  const options = {
    imagePath: text(argv.image),
    targetPath: text(argv.device),
    yes: argv.yes === true,
    force: argv.force === true,
    bmap: argv.bmap === false ? false : (text(argv.bmap) ?? true),
    verify: argv.verify !== false,
  };
  if (options.yes && (options.imagePath === undefined || options.targetPath === undefined)) {
    const message = 'asks nothing, so name both the image and the device';
    throw new OptionsError([{ option: 'yes', message }], { hint: 'wwanpi flash IMAGE /dev/sdX --yes' });
  }
  return options;
}

/**
 * Looks at image and device, asks, writes and compares; progress goes to `report`, the result to standard output.
 * @throws InputError before anything is written; see `flashImage` for what can happen then
 */
export async function runFlash(options: FlashOptions, report: Reporter): Promise<void> {
  await withRun({ report }, async ({ context }) => {
    const imagePath = options.imagePath ?? (await chooseImage('out', context.signal));
    const format = await detectImageFormat(imagePath);
    await checkHostTools(context, listFlashPurposes(format));
    const image = await openImage(context.exec, imagePath, format);
    const bmap = await findBmap(image, options.bmap);
    const diskBytes = bmap?.bmap.imageSizeBytes ?? image.diskBytes;
    // A device that can't be written to is told of before the image is read for its checksum.
    const named =
      options.targetPath === undefined
        ? undefined
        : await checkTarget(context, options.targetPath, diskBytes, options.force);
    await verifyImage(context, image, bmap);
    const target =
      named === undefined
        ? await chooseDevice(context, image.path, diskBytes)
        : await confirmTarget(context, named, options);
    if (!options.yes) await recheckTarget(context, target, diskBytes, options.force);
    const result = await flashImage(context, {
      image,
      bmap: bmap?.bmap,
      targetPath: target.path,
      verify: options.verify,
    });
    process.stdout.write(formatFlashReport(target.path, result));
  });
}

/** The result for people. */
export function formatFlashReport(targetPath: string, report: FlashReport): string {
  const { isDevice, imageBytes, writtenBytes, writeSeconds, verifySeconds } = report;
  const of = writtenBytes === imageBytes ? '' : ` of ${formatBytes(imageBytes)}`;
  const rate = `${formatBytes(writtenBytes / Math.max(writeSeconds, 0.001))}/s`;
  const compared =
    verifySeconds === undefined
      ? 'It was not read back.'
      : `All of it was read back and is the same (${formatDuration(verifySeconds)}).`;
  return [
    `\nWrote ${formatBytes(writtenBytes)}${of} to ${targetPath} in ${formatDuration(writeSeconds)} (${rate}).`,
    compared,
    ...(isDevice ? [`${targetPath} is safe to remove.`] : []),
    '',
  ].join('\n');
}

/** The programs it takes to flash an image of that format. */
export function listFlashPurposes(format: ImageFormat): Purpose[] {
  if (format === 'xz') return ['flash', 'flash-xz'];
  return format === 'zst' ? ['flash', 'flash-zst'] : ['flash'];
}

/** Says what is known of the image, and stops where it is not what was published. */
async function verifyImage(context: Context, image: ImageFile, found: FoundBmap | undefined): Promise<void> {
  const done = context.report.step('Image');
  const checksum = await checkChecksum(image.path, context.signal);
  const diskBytes = found?.bmap.imageSizeBytes ?? image.diskBytes;
  const mapped = countBytes(planExtents(diskBytes, found?.bmap));
  done(
    [
      basename(image.path),
      diskBytes === undefined ? 'size known when it is unpacked' : formatBytes(diskBytes),
      ...(found === undefined ? [] : [`${formatBytes(mapped)} of it to write by ${basename(found.path)}`]),
      formatChecksum(checksum),
    ].join(', '),
  );
}

function formatChecksum(checksum: ChecksumState): string {
  switch (checksum.state) {
    case 'agrees':
      return `${basename(checksum.path)} agrees`;
    case 'not listed':
      return `not in ${basename(checksum.path)}`;
    case 'none':
      return 'no SHA256SUMS beside it';
  }
}

/** Shows what is about to be lost and has the device's name typed. */
async function confirmTarget(
  context: Context,
  target: FlashTarget,
  { imagePath, targetPath, yes, force }: FlashOptions,
): Promise<FlashTarget> {
  context.report.info(`${target.path}: ${target.description}`);
  context.report.info(`now on it: ${target.contents}`);
  if (yes) return target;
  if (!canAsk()) {
    throw new InputError(`there is no terminal to ask on whether ${target.path} may be overwritten`, {
      hint: `to overwrite it without being asked: wwanpi flash ${imagePath ?? 'IMAGE'} ${targetPath}${force ? ' --force' : ''} --yes`,
    });
  }
  const name = basename(target.path);
  const question = `    Everything on ${target.path} will be lost. Type ${name} to go on: `;
  const typed = await askLine(question, context.signal);
  if (typed === name || typed === target.path) return target;
  throw new InputError(`"${printable(typed)}" is not ${name}; nothing was written`);
}

/** Cards get changed while one reads. */
async function recheckTarget(
  context: Context,
  { path, description }: FlashTarget,
  diskBytes: number | undefined,
  force: boolean,
): Promise<void> {
  const now = await checkTarget(context, path, diskBytes, force);
  if (now.description === description) return;
  throw new InputError(`${path} is another device now: ${now.description}; it was ${description}`);
}
