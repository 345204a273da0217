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

/** What is to be written, and where. */
export interface FlashJob {
  readonly image: ImageFile;
  readonly bmap: Bmap | undefined;
  /** A device's node, or a file that stands for one; judged beforehand. */
  readonly targetPath: string;
  /** Read back and compare. */
  readonly verify: boolean;
}

/** What was done. */
export interface FlashReport {
  /** Not a file that stands for a device. */
  readonly isDevice: boolean;
  /** Of the raw disk, what a block map leaves out included. */
  readonly imageBytes: number;
  readonly writtenBytes: number;
  readonly writeSeconds: number;
  /** Undefined where it was not asked for. */
  readonly verifySeconds: number | undefined;
}

/**
 * Writes an image to a device: all but its first megabytes, then compares these with what the device gives back, and
 * only then writes the first megabytes and compares them. Whatever goes wrong on the way leaves a device without a
 * partition table, and a warning that says so.
 * @throws InputError when the device can't be opened, VerificationError when image or device are not what they
 *   should be, DeviceError when the device fails, InterruptedError
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
        `${targetPath} is not usable: what was on it is gone and the image is not whole. Its partition table is wiped, so that nothing boots from it; flash it again`,
      );
    }
  }
}

/** Makes the card one that boots; not if these bytes, too, don't come back as they were written. */
async function finish(context: Context, target: Target, first: HeldChunk, verify: boolean): Promise<void> {
  try {
    await writeChunk(target, first.bytes, first.offsetBytes);
    await sync(target);
    if (verify) await compareChunks(target, [first], context);
  } catch (error) {
    // Best effort, on a device that has just failed; that failure is the one to tell.
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
