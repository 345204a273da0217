import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { type ChecksumState, checkChecksum, type FoundBmap, findBmap } from '../flash/find-sidecar-files.ts';
import { type FlashReport, flashImage } from '../flash/flash-image.ts';
import { detectImageFormat, type ImageFile, openImage } from '../flash/open-image.ts';
import { countBytes, planExtents } from '../flash/plan-extents.ts';
import { OptionsError } from '../formats/issues.ts';
import { printable } from '../formats/printable.ts';
import { formatBytes, formatDuration } from '../formats/units.ts';
import { checkHostTools } from '../host/check-host-tools.ts';
import type { Purpose } from '../host/host-tools.ts';
import { withRun } from '../host/with-run.ts';
import type { ArchiveFormat } from '../tools/archive.ts';
import { askLine, canAsk } from './ask.ts';
import { chooseImage } from './choose-image.ts';
import { checkTarget, chooseDevice, type FlashTarget } from './flash-choices.ts';

/** The options of `wwanpi flash`. */
export interface FlashOptions {
  /** Undefined: as `chooseImage` does. */
  readonly imagePath: string | undefined;
  /** Undefined: ask. */
  readonly targetPath: string | undefined;
  readonly yes: boolean;
  readonly force: boolean;
  /** A file; true: the block map beside the image, if any; false: none. */
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
    const message = 'needs both the image and the device: nothing is asked';
    throw new OptionsError([{ option: 'yes', message }], { hint: 'wwanpi flash IMAGE /dev/sdX --yes' });
  }
  return options;
}

/**
 * Checks image and device, asks, writes and compares. Progress goes to `report`, the result to standard output.
 * @throws InputError before anything is written; whatever `flashImage` throws
 */
export async function runFlash(options: FlashOptions, report: Reporter): Promise<void> {
  await withRun({ report }, async ({ context }) => {
    const imagePath = options.imagePath ?? (await chooseImage('wwanpi flash IMAGE [DEVICE]', context));
    const format = await detectImageFormat(imagePath);
    await checkHostTools(context, listFlashPurposes(format));
    const image = await openImage(context.exec, imagePath, format);
    const bmap = await findBmap(image, options.bmap);
    const diskBytes = bmap?.bmap.imageSizeBytes ?? image.diskBytes;
    // What takes no time comes first: is there a card, is it large enough, may we write to it? Then the checksum.
    context.report.step('Image')(describeImage(image, bmap));
    const target =
      options.targetPath === undefined
        ? await chooseDevice(context, image.path, diskBytes)
        : await confirmTarget(
            context,
            await checkTarget(context, options.targetPath, diskBytes, options.force),
            options,
          );
    await verifyImage(context, image.path);
    await recheckTarget(context, target, diskBytes, options.force);
    const result = await flashImage(context, {
      image,
      bmap: bmap?.bmap,
      targetPath: target.path,
      verify: options.verify,
    });
    process.stdout.write(formatFlashReport(target.path, result));
  });
}

/** The times are those of README, "What you see after power-on". */
const NEXT = [
  'Now put the card into the Pi, plug in the modem, and power on.',
  'The Pi is online in about 3 minutes. If it is not, run wwan-doctor on it.',
];

/** The result as text. */
export function formatFlashReport(targetPath: string, report: FlashReport): string {
  const { isDevice, imageBytes, writtenBytes, writeSeconds, verifySeconds } = report;
  const of = writtenBytes === imageBytes ? '' : ` of ${formatBytes(imageBytes)}`;
  const rate = `${formatBytes(writtenBytes / Math.max(writeSeconds, 0.001))}/s`;
  const compared =
    verifySeconds === undefined
      ? 'It was not read back.'
      : `It was read back and is identical (${formatDuration(verifySeconds)}).`;
  return [
    `\nWrote ${formatBytes(writtenBytes)}${of} to ${targetPath} in ${formatDuration(writeSeconds)} (${rate}).`,
    compared,
    ...(isDevice ? [`${targetPath} is safe to remove.`, '', ...NEXT] : []),
    '',
  ].join('\n');
}

/** The programs needed to flash an image of a format. */
export function listFlashPurposes(format: ArchiveFormat): Purpose[] {
  if (format === 'xz') return ['flash', 'flash-xz'];
  return format === 'zst' ? ['flash', 'flash-zst'] : ['flash'];
}

function describeImage(image: ImageFile, found: FoundBmap | undefined): string {
  const diskBytes = found?.bmap.imageSizeBytes ?? image.diskBytes;
  const mapped = countBytes(planExtents(diskBytes, found?.bmap));
  return [
    basename(image.path),
    diskBytes === undefined ? 'size known when it is unpacked' : formatBytes(diskBytes),
    ...(found === undefined ? [] : [`${formatBytes(mapped)} of it to write by ${basename(found.path)}`]),
  ].join(', ');
}

/** @throws VerificationError when the checksum published beside the image differs */
async function verifyImage(context: Context, path: string): Promise<void> {
  const done = context.report.step('Checksum');
  const { size } = await stat(path);
  let bytes = 0;
  const checksum = await checkChecksum(path, context.signal, (count) => {
    bytes += count;
    done.bytes(bytes, size);
  });
  done(formatChecksum(checksum));
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

/** Shows the current contents of the device and asks the user to type its name. */
async function confirmTarget(
  context: Context,
  target: FlashTarget,
  { imagePath, targetPath, yes, force }: FlashOptions,
): Promise<FlashTarget> {
  context.report.info(`${target.path}: ${target.description}`);
  context.report.info(`now on it: ${target.contents}`);
  if (yes) return target;
  if (!canAsk()) {
    throw new InputError(`cannot ask whether to overwrite ${target.path}: there is no terminal`, {
      hint: `to overwrite it without a question: wwanpi flash ${imagePath ?? 'IMAGE'} ${targetPath}${force ? ' --force' : ''} --yes`,
    });
  }
  const name = basename(target.path);
  const question = `    Everything on ${target.path} will be lost. Type ${name} to go on: `;
  const typed = await askLine(question, context.signal);
  if (typed === name || typed === target.path) return target;
  throw new InputError(`"${printable(typed)}" is not ${name}; nothing was written`);
}

/** The card may have been changed while the user was reading, or while the image was hashed. */
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
