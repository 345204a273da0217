import { InputError } from '../../core/errors.ts';
import type { ByteRange } from '../byte-range.ts';
import type { Segment } from '../file-content.ts';
import type { ReadBytes } from '../tree-reader.ts';
import type { FatGeometry } from './fat-boot-sector.ts';

/** The first FAT of a volume: which clusters are taken, and which follows which. */
export interface FatTable {
  readonly freeBytes: number;
  /**
   * The runs of clusters of a chain; stops once it has `maxBytes`.
   * @param name whose chain it is, for messages
   * @throws InputError when the chain leads outside, or into itself
   */
  follow(firstCluster: number, maxBytes: number, name: string): FatChain;
  /** All before the clusters, and the clusters that are taken, ascending. Gaps of less than 4 KiB count as taken. */
  listUsed(): ByteRange[];
}

/** Where a chain lies. */
export interface FatChain {
  readonly segments: readonly Segment[];
  readonly sizeBytes: number;
  /** Whether its end was reached. */
  readonly isWhole: boolean;
}

/** FAT16's end marks are brought up to FAT32's. */
const END = 0x0fff_fff8;
/** A block map knows blocks of 4 KiB; smaller gaps make no difference to it, and there may be millions. */
const GAP_BYTES = 4096;

/** Reads the first FAT; it stays in memory as it is, at most 1 GiB (`parseFatBootSector`). */
export async function readFatTable(read: ReadBytes, geometry: FatGeometry): Promise<FatTable> {
  const { clustersCount, clusterBytes, dataOffsetBytes } = geometry;
  const entryBytes = geometry.kind === 'FAT32' ? 4 : 2;
  const bytes = await read(geometry.fatOffsetBytes, (clustersCount + 2) * entryBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const getNext = (cluster: number): number => {
    if (entryBytes === 4) return view.getUint32(cluster * 4, true) & 0x0fff_ffff;
    const entry = view.getUint16(cluster * 2, true);
    return entry >= 0xfff8 ? END : entry;
  };
  const locate = (cluster: number) => dataOffsetBytes + (cluster - 2) * clusterBytes;
  let free = 0;
  for (let cluster = 2; cluster < clustersCount + 2; cluster += 1) {
    if (getNext(cluster) === 0) free += 1;
  }
  return {
    freeBytes: free * clusterBytes,
    follow: (firstCluster, maxBytes, name) => {
      const segments: { start: number; end: number; volumeOffsetBytes: number }[] = [];
      let clusters = 0;
      let cluster = firstCluster;
      if (cluster >= END) throw damaged(name);
      while (cluster < END && clusters * clusterBytes < maxBytes) {
        if (cluster < 2 || cluster > clustersCount + 1 || clusters > clustersCount) throw damaged(name);
        const start = clusters * clusterBytes;
        const at = locate(cluster);
        const last = segments.at(-1);
        if (last !== undefined && last.volumeOffsetBytes + last.end - last.start === at) {
          last.end += clusterBytes;
        } else segments.push({ start, end: start + clusterBytes, volumeOffsetBytes: at });
        clusters += 1;
        cluster = getNext(cluster);
      }
      requireNoLoop(segments, name);
      return { segments, sizeBytes: clusters * clusterBytes, isWhole: cluster >= END };
    },
    listUsed: () => {
      const ranges: { start: number; end: number }[] = [{ start: 0, end: dataOffsetBytes }];
      for (let cluster = 2; cluster < clustersCount + 2; cluster += 1) {
        if (getNext(cluster) === 0) continue;
        const start = locate(cluster);
        const last = ranges.at(-1);
        if (last !== undefined && start - last.end < GAP_BYTES) last.end = start + clusterBytes;
        else ranges.push({ start, end: start + clusterBytes });
      }
      return ranges;
    },
  };
}

/** A message for a chain that cannot be. */
export function damaged(name: string): InputError {
  return new InputError(`the boot partition is damaged: the cluster chain of ${name || '/'} is broken`);
}

/** A chain that comes by a cluster twice goes round for ever. */
function requireNoLoop(segments: readonly Segment[], name: string): void {
  const places = segments
    .map(({ start, end, volumeOffsetBytes }) => ({
      start: volumeOffsetBytes,
      end: volumeOffsetBytes + end - start,
    }))
    .sort((a, b) => a.start - b.start);
  const overlaps = places.some(({ start }, index) => start < (places[index - 1]?.end ?? 0));
  if (overlaps) throw damaged(name);
}
