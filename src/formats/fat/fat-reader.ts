import { InputError } from '../../core/errors.ts';
import type { ByteRange } from '../byte-range.ts';
import { createDirectoryGuard, type DirectoryGuard, type DirectoryPlace } from '../directory-guard.ts';
import { createFileContent, type Segment } from '../file-content.ts';
import { DEFAULT_MAX_FILE_BYTES, type FileContent, type ReadBytes, type TreeNode } from '../tree-reader.ts';
import { type FatGeometry, parseFatBootSector } from './fat-boot-sector.ts';
import { type FatEntry, findFatLabel, parseFatDirectory } from './fat-directory.ts';
import { damaged, type FatTable, readFatTable } from './fat-table.ts';

/** A FAT volume opened for reading. */
export interface FatVolume {
  readonly geometry: FatGeometry;
  /** As blkid(8) shows it: the root directory's; '' where there is none. */
  readonly label: string;
  /** Counted in the first FAT, not taken from the FSInfo hint. */
  readonly freeBytes: number;
  readonly root: TreeNode;
  /** What of the volume is in use, ascending; see `FatTable.listUsed`. */
  listUsed(): ByteRange[];
  /**
   * Where the bytes of a file in the root directory lie in the volume, in the file's order; one range if it is not
   * fragmented. Undefined if there is no such file. Case is ignored.
   */
  locate(name: string): Promise<readonly ByteRange[] | undefined>;
}

/** A FAT directory has at most 65536 entries (specification 1.03, "Other Notes Relating to FAT Directories"). */
const MAX_DIRECTORY_BYTES = 65536 * 32;

/**
 * Opens a FAT16 or FAT32 volume without mounting it: an independent reader for the output of mtools.
 * @throws InputError on damage; reading nodes throws it too
 */
export async function openFat(read: ReadBytes): Promise<FatVolume> {
  const geometry = parseFatBootSector(await read(0, 512));
  const table = await readFatTable(read, geometry);
  const guard = createDirectoryGuard('the boot partition', geometry.rootCluster);
  const source: Source = { read, geometry, table, guard };
  const root: FatEntry = {
    name: '',
    isDirectory: true,
    firstCluster: geometry.rootCluster,
    sizeBytes: 0,
    mtimeSeconds: 0,
  };
  return {
    geometry,
    label: findFatLabel(await readDirectoryBytes(source, root, guard.root)) ?? '',
    freeBytes: table.freeBytes,
    root: openNode(source, root, guard.root),
    listUsed: () => table.listUsed(),
    locate: async (name) => {
      const bytes = await readDirectoryBytes(source, root, guard.root);
      const entry = parseFatDirectory(bytes, geometry.kind).find(
        (each) => !each.isDirectory && each.name.toLowerCase() === name.toLowerCase(),
      );
      if (entry === undefined) return undefined;
      return locateContent(source, entry).map(({ start, end, volumeOffsetBytes }) => ({
        start: volumeOffsetBytes,
        end: volumeOffsetBytes + end - start,
      }));
    },
  };
}

interface Source {
  readonly read: ReadBytes;
  readonly geometry: FatGeometry;
  readonly table: FatTable;
  readonly guard: DirectoryGuard;
}

/** Opens the entry number `index` of a directory. */
function openChild(source: Source, parent: DirectoryPlace, index: number, entry: FatEntry): TreeNode {
  if (!entry.isDirectory) return openNode(source, entry, undefined);
  // A folder has a cluster of its own from the beginning; only the root may begin at 0.
  if (entry.firstCluster === 0) throw damaged(entry.name);
  return openNode(source, entry, source.guard.enter(parent, index, entry.firstCluster));
}

/** @param place of a directory */
function openNode(source: Source, entry: FatEntry, place: DirectoryPlace | undefined): TreeNode {
  const readEntries = async () => {
    if (place === undefined) throw new InputError(`${entry.name} on the boot partition is not a directory`);
    const entries = parseFatDirectory(await readDirectoryBytes(source, entry, place), source.geometry.kind);
    source.guard.count(place, entries.length);
    return entries.map((each, index) => ({
      name: each.name,
      open: async () => openChild(source, place, index, each),
    }));
  };
  return {
    id: entry.firstCluster,
    kind: entry.isDirectory ? 'directory' : 'file',
    mode: 0o755,
    uid: 0,
    gid: 0,
    sizeBytes: entry.sizeBytes,
    mtimeSeconds: entry.mtimeSeconds,
    list: async () => (await readEntries()).map(({ name }) => name),
    children: readEntries,
    find: async (name) => {
      const wanted = name.toLowerCase();
      return (await readEntries()).find((candidate) => candidate.name.toLowerCase() === wanted)?.open();
    },
    read: async (maxBytes = DEFAULT_MAX_FILE_BYTES) => {
      if (entry.sizeBytes > maxBytes)
        throw new InputError(`${entry.name} on the boot partition is too large`);
      return openContent(source, entry).read(0, entry.sizeBytes);
    },
    content: async () => openContent(source, entry),
    xattrs: async () => new Map(),
    readLink: async () => {
      throw new InputError(`${entry.name} on the boot partition is not a symlink`);
    },
  };
}

async function readDirectoryBytes(
  { read, geometry, table }: Source,
  entry: FatEntry,
  place: DirectoryPlace,
): Promise<Uint8Array> {
  if (place.depth === 0 && geometry.kind === 'FAT16') {
    return read(geometry.rootDirectory.offsetBytes, geometry.rootDirectory.lengthBytes);
  }
  const { segments, sizeBytes, isWhole } = table.follow(entry.firstCluster, MAX_DIRECTORY_BYTES, entry.name);
  if (!isWhole) throw damaged(entry.name);
  return createFileContent(read, segments).read(0, sizeBytes);
}

function openContent(source: Source, entry: FatEntry): FileContent {
  if (entry.isDirectory)
    throw new InputError(`${entry.name} on the boot partition is a directory, not a file`);
  return createFileContent(source.read, locateContent(source, entry));
}

function locateContent({ table }: Source, entry: FatEntry): Segment[] {
  if (entry.sizeBytes === 0) return [];
  const { segments, sizeBytes } = table.follow(entry.firstCluster, entry.sizeBytes, entry.name);
  if (sizeBytes < entry.sizeBytes) throw damaged(entry.name);
  const last = segments.length - 1;
  return segments.map((each, index) => (index === last ? { ...each, end: entry.sizeBytes } : each));
}
