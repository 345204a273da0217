import { type FileHandle, open } from 'node:fs/promises';
import { BugError, InputError } from '../../core/errors.ts';
import type { Partition } from '../../core/model.ts';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Copies one partition of a disk into a new file; zeros become holes.
 * @throws InputError when the disk ends inside the partition
 */
export async function copyPartitionOut(
  diskPath: string,
  partition: Partition,
  target: string,
): Promise<void> {
  const zeros = Buffer.alloc(CHUNK_BYTES);
  await withFiles([diskPath, 'r'], [target, 'wx'], async (disk, copy) => {
    await copy.truncate(partition.sizeBytes);
    for await (const { bytes, offset } of chunks(disk, partition.offsetBytes, partition.sizeBytes)) {
      if (bytes.equals(zeros.subarray(0, bytes.length))) continue;
      await copy.write(bytes, 0, bytes.length, offset - partition.offsetBytes);
    }
  });
}

/** Copies such a file back into its partition. Writes only the bytes that differ, so holes are kept. */
export async function copyPartitionIn(source: string, diskPath: string, partition: Partition): Promise<void> {
  await withFiles([source, 'r'], [diskPath, 'r+'], async (copy, disk) => {
    const { size } = await copy.stat();
    if (size > partition.sizeBytes) throw new BugError(`${source} is larger than its partition`);
    const present = Buffer.alloc(CHUNK_BYTES);
    for await (const { bytes, offset } of chunks(copy, 0, size)) {
      const { bytesRead } = await disk.read(present, 0, bytes.length, partition.offsetBytes + offset);
      if (bytes.equals(present.subarray(0, bytesRead))) continue;
      await disk.write(bytes, 0, bytes.length, partition.offsetBytes + offset);
    }
  });
}

async function withFiles(
  from: readonly [path: string, flags: string],
  to: readonly [path: string, flags: string],
  use: (from: FileHandle, to: FileHandle) => Promise<void>,
): Promise<void> {
  const source = await open(...from);
  try {
    // 0600: an image contains secrets.
    const target = await open(...to, 0o600);
    try {
      await use(source, target);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Chunks of a file, with `offset` from its start. All share one buffer, which the next chunk overwrites. */
async function* chunks(file: FileHandle, start: number, length: number) {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let done = 0; done < length; ) {
    const wanted = Math.min(CHUNK_BYTES, length - done);
    const { bytesRead } = await file.read(chunk, 0, wanted, start + done);
    if (bytesRead === 0) throw new InputError('the image ends inside a partition');
    yield { bytes: chunk.subarray(0, bytesRead), offset: start + done };
    done += bytesRead;
  }
}
