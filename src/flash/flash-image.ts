import type { Context } from '../core/context.ts';
import type { Bmap } from '../formats/release-files/bmap.ts';
import { openTarget, type Target } from '../tools/disk/block-device.ts';
import { compareChunks } from './compare-chunks.ts';
import { toOpenError } from './device-error.ts';
import { fillChunks } from './fill-chunks.ts';
import type { ImageFile } from './open-image.ts';
import { countBytes, planExtents } from './plan-extents.ts';
import { checkRanges } from './range-check.ts';
import { readImageExtents } from './read-extents.ts';
import { type HeldChunk, sync, type Written, writeChunk, writeChunks } from './write-chunks.ts';

/** The image to write, and the target. */
export interface FlashJob {
  readonly image: ImageFile;
  readonly bmap: Bmap | undefined;
  /** A device node, or a file in its place; already checked by the caller. */
  readonly targetPath: string;
  /** Read back and compare. */
  readonly verify: boolean;
}

/** The result of a flash. */
export interface FlashReport {
  /** False for a file in place of a device. */
  readonly isDevice: boolean;
  /** Size of the raw disk, including the blocks that a block map leaves out. */
  readonly imageBytes: number;
  readonly writtenBytes: number;
  readonly writeSeconds: number;
  /** Undefined without `verify`. */
  readonly verifySeconds: number | undefined;
}

/**
 * Writes an image to a device: everything but the first megabytes, which it reads back and compares; then the first
 * megabytes, which it compares too. If anything fails before the end, the device has no partition table, and a
 * warning says so.
 * @throws InputError when the device cannot be opened, VerificationError when the image is damaged or the device
 *   returns other data, DeviceError when the device fails, InterruptedError
 */
export async function flashImage(context: Context, job: FlashJob): Promise<FlashReport> {
  const { targetPath } = job;
  const target = await openTarget(targetPath).catch((error: unknown) => {
    throw toOpenError(error, targetPath);
  });
  let begun = false;
  let done = false;
  try {
    const start = performance.now();
    const written = await writeMost(context, target, job, () => {
      begun = true;
    });
    const mostWritten = performance.now();
    if (job.verify) await compare(context, target, written.chunks);
    const compared = performance.now();
    await finish(context, target, written.first, job.verify);
    const ended = performance.now();
    done = true;
    return {
      isDevice: target.isDevice,
      imageBytes: job.image.diskBytes ?? job.bmap?.imageSizeBytes ?? written.imageBytes,
      writtenBytes: written.writtenBytes,
      writeSeconds: (mostWritten - start + (job.verify ? 0 : ended - compared)) / 1000,
      verifySeconds: job.verify ? (ended - mostWritten) / 1000 : undefined,
    };
  } finally {
    await target.file.close();
    if (begun && !done) {
      context.report.warn(
        `${targetPath} is not usable: its old contents are lost and the image is incomplete. Its partition table is wiped, so that nothing boots from it; flash it again`,
      );
    }
  }
}

/** Writes the first megabytes, which make the card bootable; wipes them again if they do not read back the same. */
async function finish(context: Context, target: Target, first: HeldChunk, verify: boolean): Promise<void> {
  try {
    await writeChunk(target, first.bytes, first.offsetBytes);
    await sync(target);
    if (verify) await compareChunks(target, [first], context);
  } catch (error) {
    // Best effort: the device has just failed, and that failure is the one to report.
    await writeChunk(target, first.bytes.fill(0), first.offsetBytes).catch(() => undefined);
    throw error;
  }
}

async function writeMost(
  context: Context,
  target: Target,
  { image, bmap }: FlashJob,
  onFirstWrite: () => void,
): Promise<Written> {
  const diskBytes = bmap?.imageSizeBytes ?? image.diskBytes;
  const extents = planExtents(diskBytes, bmap);
  const bar = context.report.progress(
    `writing ${target.path}`,
    diskBytes === undefined ? undefined : countBytes(extents),
  );
  try {
    return await readImageExtents(context, image, extents, (pieces) => {
      const checked = bmap === undefined ? pieces : checkRanges(pieces, bmap);
      return writeChunks(target, fillChunks(checked, target.sectorBytes), {
        signal: context.signal,
        onWritten: (bytes) => bar.update(bytes),
        onFirstWrite,
      });
    });
  } finally {
    bar.done();
  }
}

async function compare(context: Context, target: Target, chunks: Written['chunks']): Promise<void> {
  const total = chunks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const bar = context.report.progress(`reading back ${target.path}`, total);
  try {
    await compareChunks(target, chunks, { signal: context.signal, onRead: (bytes) => bar.update(bytes) });
  } finally {
    bar.done();
  }
}
