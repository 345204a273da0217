import { type FileHandle, open } from 'node:fs/promises';
import { InputError, InterruptedError } from '../core/errors.ts';
import type { BootFolder, Disk, Partition, VolumeName } from '../core/model.ts';
import { parseBootFolder } from '../formats/config/fstab.ts';
import { type Ext4Volume, openExt4 } from '../formats/ext4/ext4-reader.ts';
import { type FatVolume, openFat } from '../formats/fat/fat-reader.ts';
import type { ReadBytes, TreeNode } from '../formats/tree-reader.ts';
import { keepPages } from './read-pages.ts';

/** Both volumes of a disk as the running Pi sees them: the FAT volume mounted in the root. */
export interface ImageTree {
  readonly ext4: Ext4Volume;
  readonly fat: FatVolume;
  /** Where /etc/fstab mounts the FAT volume. */
  readonly bootFolder: BootFolder;
  /**
   * Finds a path. Follows symlinks among its parents (/lib may be a symlink to usr/lib), and with `follow` the last
   * one too. Neither a missing path nor a file among the parents is an error.
   */
  locate(path: string, follow?: 'follow'): Promise<Location>;
}

/** Where a path leads. */
export interface Location {
  /** The same place without symlinks among the parents, as the Pi sees it. */
  readonly path: string;
  readonly volume: VolumeName;
  /** The same place, from the root of its volume. */
  readonly volumePath: string;
  /** The file, folder or symlink there, or undefined. */
  readonly node: TreeNode | undefined;
  /** Volume paths of the parents that do not exist, outermost first. */
  readonly missingParents: readonly string[];
  /** A parent that exists and is not a directory, so that the path cannot exist. */
  readonly obstacle: string | undefined;
}

/** The limit of Linux (path_resolution(7)). */
const MAX_SYMLINKS = 40;
/** dpkg's list of packages, the largest that is read, has a tenth of it on a full desktop. */
const MAX_TEXT_BYTES = 64 * 1024 * 1024;
/** A full desktop has some 700 units and 120 rules; each name is looked up. */
const MAX_NAMES = 5000;
const MAX_FSTAB_BYTES = 64 * 1024;

/**
 * Opens both volumes of a disk for reading while `use` runs; `use` must not change them.
 * @param signal ends it at the next read
 * @throws InputError when a volume is damaged or of a kind wwanpi does not know, InterruptedError
 */
export async function withImageTree<T>(
  disk: Disk,
  use: (tree: ImageTree) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const handle = await open(disk.path, 'r');
  try {
    const { ext4, fat } = await openVolumes(handle, disk, signal);
    const bootFolder = await readBootFolder(ext4);
    const volumes = { ext4, fat, mount: bootFolder.split('/').filter(isName) };
    return await use({
      ...{ ext4, fat, bootFolder },
      locate: (path, follow) => locate(volumes, path, follow === 'follow'),
    });
  } finally {
    await handle.close();
  }
}

/**
 * Opens the FAT volume alone, for reading while `use` runs.
 * @throws as `withImageTree`
 */
export async function withBootVolume<T>(disk: Disk, use: (fat: FatVolume) => Promise<T>): Promise<T> {
  const handle = await open(disk.path, 'r');
  try {
    return await use(await openFat(getReader(handle, disk.layout.boot, undefined)));
  } finally {
    await handle.close();
  }
}

/**
 * Reads a regular file by path and follows symlinks; undefined if there is no such file.
 * @throws InputError when it has more than `maxBytes`
 */
export async function readText(
  tree: ImageTree,
  path: string,
  maxBytes = MAX_TEXT_BYTES,
): Promise<string | undefined> {
  const { node } = await tree.locate(path, 'follow');
  return node?.kind === 'file' ? Buffer.from(await node.read(maxBytes)).toString('utf8') : undefined;
}

/**
 * The names in a folder, which may be behind symlinks; none if there is no such folder.
 * @throws InputError when it holds more than any system has
 */
export async function listFolder(tree: ImageTree, path: string): Promise<readonly string[]> {
  const { node } = await tree.locate(path, 'follow');
  const names = node?.kind === 'directory' ? await node.list() : [];
  if (names.length > MAX_NAMES) {
    throw new InputError(`${path} in the image holds ${names.length} names: no system has so many`);
  }
  return names;
}

async function openVolumes(
  handle: FileHandle,
  { path, layout }: Disk,
  signal: AbortSignal | undefined,
): Promise<{ ext4: Ext4Volume; fat: FatVolume }> {
  try {
    const ext4 = await openExt4(getReader(handle, layout.root, signal));
    return { ext4, fat: await openFat(getReader(handle, layout.boot, signal)) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message, hint } = error;
    throw new InputError(`cannot read ${path}: ${message}`, { hint, cause: error });
  }
}

function getReader(handle: FileHandle, partition: Partition, signal: AbortSignal | undefined): ReadBytes {
  const readUpTo = async (offsetBytes: number, lengthBytes: number) => {
    const bytes = new Uint8Array(lengthBytes);
    let done = 0;
    while (done < lengthBytes) {
      const position = partition.offsetBytes + offsetBytes + done;
      const { bytesRead } = await handle.read(bytes, done, lengthBytes - done, position);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  };
  const readSmall = keepPages(readUpTo);
  return async (offsetBytes, lengthBytes) => {
    if (signal?.aborted) throw new InterruptedError('interrupted');
    if (offsetBytes + lengthBytes > partition.sizeBytes) {
      throw new InputError(`partition ${partition.number} is damaged: it points beyond its own end`);
    }
    const bytes = (await readSmall(offsetBytes, lengthBytes)) ?? (await readUpTo(offsetBytes, lengthBytes));
    if (bytes.length < lengthBytes)
      throw new InputError(`the image ends inside partition ${partition.number}`);
    return bytes;
  };
}

interface Step {
  readonly name: string;
  readonly node: TreeNode | undefined;
}

/** A base without the file is foreign, and has its FAT volume at /boot as far as anybody knows. */
async function readBootFolder(ext4: Ext4Volume): Promise<BootFolder> {
  const etc = await ext4.root.find('etc');
  const fstab = etc?.kind === 'directory' ? await etc.find('fstab') : undefined;
  const bytes = fstab?.kind === 'file' ? await fstab.read(MAX_FSTAB_BYTES) : new Uint8Array();
  return parseBootFolder(Buffer.from(bytes).toString('utf8'));
}

interface Volumes {
  readonly ext4: Ext4Volume;
  readonly fat: FatVolume;
  /** The names of the boot folder's path. */
  readonly mount: readonly string[];
}

async function locate({ ext4, fat, mount }: Volumes, path: string, follow: boolean): Promise<Location> {
  const pending = path.split('/').filter(isName);
  let trail: Step[] = [];
  let symlinks = 0;
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (name === '..') {
      trail = trail.slice(0, -1);
      continue;
    }
    const parent = trail.length === 0 ? ext4.root : trail.at(-1)?.node;
    const isMount = isPath(mount, [...trail.map((step) => step.name), name]);
    const node = isMount ? fat.root : parent?.kind === 'directory' ? await parent.find(name) : undefined;
    if (node?.kind === 'symlink' && (pending.length > 0 || follow)) {
      symlinks += 1;
      if (symlinks > MAX_SYMLINKS) throw new InputError(`${path} in the image is a loop of symlinks`);
      const target = await node.readLink();
      if (target.startsWith('/')) trail = [];
      pending.unshift(...target.split('/').filter(isName));
    } else {
      trail.push({ name, node });
    }
  }
  return describe(ext4, mount, trail);
}

function isName(part: string): boolean {
  return part !== '' && part !== '.';
}

function isPath(wanted: readonly string[], names: readonly string[]): boolean {
  return wanted.length === names.length && wanted.every((name, index) => name === names[index]);
}

function describe(ext4: Ext4Volume, mount: readonly string[], trail: readonly Step[]): Location {
  const names = trail.map(({ name }) => name);
  const volume = isPath(mount, names.slice(0, mount.length)) ? 'boot' : 'root';
  const skipped = volume === 'boot' ? mount.length : 0;
  const parents = trail.slice(0, -1);
  const obstacleAt = parents.findIndex(({ node }) => node !== undefined && node.kind !== 'directory');
  const missingParents = parents.flatMap(({ node }, index) =>
    node === undefined ? [`/${names.slice(skipped, index + 1).join('/')}`] : [],
  );
  return {
    path: `/${names.join('/')}`,
    volume,
    volumePath: `/${names.slice(skipped).join('/')}`,
    node: trail.length === 0 ? ext4.root : trail.at(-1)?.node,
    missingParents,
    obstacle: obstacleAt === -1 ? undefined : `/${names.slice(0, obstacleAt + 1).join('/')}`,
  };
}
