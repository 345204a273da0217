import { type FileHandle, open } from 'node:fs/promises';

/** A write or flush of a disk, as QEMU's driver blklogwrites has logged it (its file is that of Linux's dm-log-writes). */
export interface LoggedWrite {
  /** Where it goes on the disk, and how long it is; 0 for a flush. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** Everything before it is on the disk for good. */
  readonly isFlush: boolean;
  /** It is on the disk for good by itself (FUA). */
  readonly isForced: boolean;
  /** Where its data are in the log. */
  readonly dataAt: number;
}

/** What of a log is on the disk after a power cut. */
export interface Cut {
  /** The writes before this one had been given to the disk. */
  readonly at: number;
  /** Those up to this one are there for good: a flush came after them. */
  readonly durable: number;
  /** Of the others: which sectors of them are there. None: it is lost. */
  readonly partial: ReadonlyMap<number, readonly number[]>;
}

export const SECTOR = 512;
const MAGIC = 0x6a736677736872n;
const FLUSH = 1n;
const FUA = 2n;
const DISCARD = 4n;

/** Reads the list of writes; the data stay in the file. */
export async function readWriteLog(path: string): Promise<LoggedWrite[]> {
  const file = await open(path, 'r');
  try {
    const head = await read(file, 0, SECTOR);
    if (head.readBigUInt64LE(0) !== MAGIC) throw new Error(`${path} is no log of writes`);
    const count = Number(head.readBigUInt64LE(16));
    const writes: LoggedWrite[] = [];
    let at = SECTOR;
    for (let index = 0; index < count; index += 1) {
      const entry = await read(file, at, 32);
      const [sector, sectors, flags] = [0, 8, 16].map((offset) => entry.readBigUInt64LE(offset)) as [
        bigint,
        bigint,
        bigint,
      ];
      at += SECTOR;
      const lengthBytes = (flags & DISCARD) === 0n ? Number(sectors) * SECTOR : 0;
      writes.push({
        offsetBytes: Number(sector) * SECTOR,
        lengthBytes,
        isFlush: (flags & FLUSH) !== 0n,
        isForced: (flags & FUA) !== 0n,
        dataAt: at,
      });
      at += lengthBytes;
    }
    return writes;
  } finally {
    await file.close();
  }
}

/** The data of one write. */
export async function readWrite(log: FileHandle, write: LoggedWrite): Promise<Buffer> {
  return read(log, write.dataAt, write.lengthBytes);
}

/**
 * A power cut before the write number `at`: a disk may have kept any of the writes since the last flush, none, or some
 * sectors of one, in any order.
 */
export function planCut(writes: readonly LoggedWrite[], at: number, random: (below: number) => number): Cut {
  const durable = writes.slice(0, at).findLastIndex(({ isFlush }) => isFlush) + 1;
  const partial = new Map<number, readonly number[]>();
  for (let index = durable; index < at; index += 1) {
    const { lengthBytes, isForced } = writes[index] as LoggedWrite;
    const sectors = Array.from({ length: lengthBytes / SECTOR }, (_, number) => number);
    const fate = isForced ? 9 : random(10);
    partial.set(index, fate < 3 ? [] : fate < 6 ? sectors.filter(() => random(2) === 0) : sectors);
  }
  return { at, durable, partial };
}

/** Puts the writes from `from` on to the disk as far as the cut has them. */
export async function applyCut(
  disk: FileHandle,
  log: FileHandle,
  writes: readonly LoggedWrite[],
  cut: Cut,
  from = 0,
): Promise<void> {
  for (let index = from; index < cut.at; index += 1) {
    const write = writes[index] as LoggedWrite;
    if (write.lengthBytes === 0) continue;
    const data = await readWrite(log, write);
    if (index < cut.durable) {
      await disk.write(data, 0, data.length, write.offsetBytes);
      continue;
    }
    for (const sector of cut.partial.get(index) ?? [])
      await disk.write(data, sector * SECTOR, SECTOR, write.offsetBytes + sector * SECTOR);
  }
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  if (bytesRead !== length) throw new Error('the log of writes ends too early');
  return buffer;
}
