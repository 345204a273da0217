import { InputError } from '../../core/errors.ts';
import { type ByteRange, mergeRanges } from '../byte-range.ts';
import { DEFAULT_MAX_FILE_BYTES, type ReadBytes, type TreeNode } from '../tree-reader.ts';
import { type FatGeometry, parseFatBootSector } from './fat-boot-sector.ts';
import { type FatEntry, parseFatDirectory } from './fat-directory.ts';

/** A FAT volume opened for reading. */
export interface FatVolume {
  readonly geometry: FatGeometry;
  /** Counted in the first FAT, because the FSInfo number is only a hint. */
  readonly freeBytes: number;
  readonly root: TreeNode;
  /** The used ranges, ascending: everything before the clusters, and the clusters that the first FAT has as used. */
  listUsed(): ByteRange[];
}

/** A FAT directory has at most 65536 entries (specification 1.03, "Other Notes Relating to FAT Directories"). */
const MAX_DIRECTORY_BYTES = 65536 * 32;

/**
 * Opens a FAT16 or FAT32 volume without mounting it: an independent reader for the output of mtools.
 * @throws InputError on damage; reading nodes throws it too
 */
export async function openFat(read: ReadBytes): Promise<FatVolume> {
  const geometry = parseFatBootSector(await read(0, 512));
  const source: Source = { read, geometry, next: await readFat(read, geometry) };
  const free = source.next.subarray(2).reduce((count, entry) => (entry === 0 ? count + 1 : count), 0);
  const root = openNode(source, {
    name: '',
    isDirectory: true,
    firstCluster: geometry.rootCluster,
    sizeBytes: 0,
    mtimeSeconds: 0,
  });
  return {
    geometry,
    freeBytes: free * geometry.clusterBytes,
    root,
    listUsed: () => listUsed(source),
  };
}

interface Source {
  readonly read: ReadBytes;
  readonly geometry: FatGeometry;
  /** The FAT: one number per cluster; `END` and above end a chain. */
  readonly next: Uint32Array;
}

/** FAT16's end marks are converted to FAT32's. */
const END = 0x0fff_fff8;

async function readFat(read: ReadBytes, geometry: FatGeometry): Promise<Uint32Array> {
  const entryBytes = geometry.kind === 'FAT32' ? 4 : 2;
  const bytes = await read(geometry.fatOffsetBytes, (geometry.clustersCount + 2) * entryBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: geometry.clustersCount + 2 }, (_, cluster) => {
    if (entryBytes === 4) return view.getUint32(cluster * 4, true) & 0x0fff_ffff;
    const entry = view.getUint16(cluster * 2, true);
    return entry >= 0xfff8 ? END : entry;
  });
}

/** Boot sectors, FATs and a fixed root directory count as used as a whole, because their zeros have a meaning. */
function listUsed({ geometry, next }: Source): ByteRange[] {
  const { dataOffsetBytes, clusterBytes } = geometry;
  const ranges: ByteRange[] = [{ start: 0, end: dataOffsetBytes }];
  for (let cluster = 2; cluster < next.length; cluster += 1) {
    if (next[cluster] === 0) continue;
    const start = dataOffsetBytes + (cluster - 2) * clusterBytes;
    ranges.push({ start, end: start + clusterBytes });
  }
  return mergeRanges(ranges);
}

function openNode(source: Source, entry: FatEntry): TreeNode {
  return {
    kind: entry.isDirectory ? 'directory' : 'file',
    mode: 0o755,
    uid: 0,
    gid: 0,
    sizeBytes: entry.sizeBytes,
    mtimeSeconds: entry.mtimeSeconds,
    list: async () => (await readEntries(source, entry)).map(({ name }) => name),
    children: async () =>
      (await readEntries(source, entry)).map((each) => ({ name: each.name, node: openNode(source, each) })),
    find: async (name) => {
      const wanted = name.toLowerCase();
      const found = (await readEntries(source, entry)).find(
        (candidate) => candidate.name.toLowerCase() === wanted,
      );
      return found === undefined ? undefined : openNode(source, found);
    },
    read: async (maxBytes = DEFAULT_MAX_FILE_BYTES) => {
      if (entry.isDirectory)
        throw new InputError(`${entry.name} on the boot partition is a directory, not a file`);
      if (entry.sizeBytes > maxBytes)
        throw new InputError(`${entry.name} on the boot partition is too large`);
      return readFile(source, entry);
    },
    xattrs: async () => new Map(),
    readLink: async () => {
      throw new InputError(`${entry.name} on the boot partition is not a symlink`);
    },
  };
}

async function readEntries(source: Source, entry: FatEntry): Promise<readonly FatEntry[]> {
  if (!entry.isDirectory)
    throw new InputError(`${entry.name} on the boot partition is a file, not a directory`);
  const { rootDirectory } = source.geometry;
  const isFixedRoot = entry.firstCluster === 0;
  if (isFixedRoot && source.geometry.kind === 'FAT32') throw damaged(entry);
  const bytes = isFixedRoot
    ? await source.read(rootDirectory.offsetBytes, rootDirectory.lengthBytes)
    : await readChain(source, entry, MAX_DIRECTORY_BYTES);
  return parseFatDirectory(bytes);
}

async function readFile(source: Source, entry: FatEntry): Promise<Uint8Array> {
  if (entry.sizeBytes === 0) return new Uint8Array();
  const bytes = await readChain(source, entry, entry.sizeBytes);
  if (bytes.length < entry.sizeBytes) throw damaged(entry);
  return bytes.subarray(0, entry.sizeBytes);
}

/** Reads the clusters of a chain, consecutive ones at once; stops at `maxBytes`. */
async function readChain(source: Source, entry: FatEntry, maxBytes: number): Promise<Uint8Array> {
  const { clusterBytes, clustersCount, dataOffsetBytes } = source.geometry;
  const runs: { first: number; count: number }[] = [];
  let clusters = 0;
  let cluster = entry.firstCluster;
  while (cluster < END && clusters * clusterBytes < maxBytes) {
    // This also ends a loop: such a chain has more clusters than the volume.
    if (cluster < 2 || cluster > clustersCount + 1 || clusters > clustersCount) throw damaged(entry);
    const run = runs.at(-1);
    if (run !== undefined && run.first + run.count === cluster) run.count += 1;
    else runs.push({ first: cluster, count: 1 });
    clusters += 1;
    cluster = source.next[cluster] ?? 0;
  }
  const bytes = new Uint8Array(clusters * clusterBytes);
  let offset = 0;
  for (const { first, count } of runs) {
    bytes.set(await source.read(dataOffsetBytes + (first - 2) * clusterBytes, count * clusterBytes), offset);
    offset += count * clusterBytes;
  }
  return bytes;
}

function damaged(entry: FatEntry): InputError {
  return new InputError(`the boot partition is damaged: the cluster chain of ${entry.name || '/'} is broken`);
}
