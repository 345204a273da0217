import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../core/context.ts';
import { BugError } from '../../core/errors.ts';

/** The place of a partition in an image file. Both numbers are multiples of 512. */
export interface PartitionPlace {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

const SECTOR_BYTES = 512;

/** The features of a Raspbian Lite root. All are named, so the host's mke2fs.conf adds none. */
const EXT4_FEATURES = [
  'none',
  'has_journal',
  'ext_attr',
  'resize_inode',
  'dir_index',
  'filetype',
  'extent',
  'flex_bg',
  'sparse_super',
  'large_file',
  'dir_nlink',
  'extra_isize',
].join(',');

/** Writes an MBR with a FAT32 (type c) and a Linux (83) partition into an image file (sfdisk(8)). */
export async function writePartitionTable(
  context: Context,
  image: string,
  options: { diskId: string; boot: PartitionPlace; root: PartitionPlace },
): Promise<void> {
  const { diskId, boot, root } = options;
  const line = (extent: PartitionPlace, type: string) =>
    `start=${extent.offsetBytes / SECTOR_BYTES}, size=${extent.sizeBytes / SECTOR_BYTES}, type=${type}`;
  await context.exec(['sfdisk', '--quiet', '--wipe', 'never', image], {
    input: `label: dos\nlabel-id: 0x${diskId}\n${line(boot, 'c')}\n${line(root, '83')}\n`,
  });
}

/** Makes a FAT32 file system, the same bytes each time (mkfs.fat(8) --invariant). `serial`: 8 hex digits. */
export async function makeFat(
  context: Context,
  image: string,
  extent: PartitionPlace,
  options: { label: string; serial: string },
): Promise<void> {
  await context.exec([
    'mkfs.fat',
    '--invariant',
    '-F',
    '32',
    // With larger clusters a small partition has too few of them for FAT32 (65,525), and is read as FAT16.
    '-s',
    extent.sizeBytes >= 512 * 1024 * 1024 ? '8' : '1',
    '-h',
    String(extent.offsetBytes / SECTOR_BYTES),
    '-n',
    options.label,
    '-i',
    options.serial,
    `--offset=${extent.offsetBytes / SECTOR_BYTES}`,
    image,
    String(extent.sizeBytes / 1024),
  ]);
}

/** Copies a folder's files and folders into a FAT file system, in the order of their names; their dates are kept. */
export async function copyIntoFat(
  context: Context,
  image: string,
  extent: PartitionPlace,
  folder: string,
  epochSeconds: number,
  target = '::',
): Promise<void> {
  const drive = ['-i', `${image}@@${extent.offsetBytes}`];
  const options = { env: { SOURCE_DATE_EPOCH: String(epochSeconds), MTOOLS_SKIP_CHECK: '1' } };
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
  if (files.length > 0) await context.exec(['mcopy', '-m', ...drive, ...files, target], options);
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const inside = `${target}${target.endsWith(':') ? '' : '/'}${name}`;
    await context.exec(['mmd', ...drive, inside], options);
    await copyIntoFat(context, image, extent, join(folder, name), epochSeconds, inside);
  }
}

/**
 * Makes an ext4 file system as Raspbian Lite's (pi-gen's export-image: no 64bit, no metadata_csum) with the
 * content of `folder`, and dates no later than `epochSeconds`.
 * @param options.uuid also the seed of directory hashes, which mke2fs otherwise chooses at random
 */
export async function makeExt4(
  context: Context,
  image: string,
  extent: PartitionPlace,
  options: { label: string; uuid: string; folder: string; epochSeconds: number },
): Promise<void> {
  const extended = `offset=${extent.offsetBytes},hash_seed=${options.uuid},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,nodiscard`;
  await context.exec(
    [
      'mke2fs',
      '-q',
      '-F',
      '-t',
      'ext4',
      '-O',
      EXT4_FEATURES,
      '-b',
      '4096',
      '-I',
      '256',
      '-L',
      options.label,
      '-U',
      options.uuid,
      '-E',
      extended,
      '-d',
      options.folder,
      image,
      `${extent.sizeBytes / 1024}k`,
    ],
    {
      env: {
        E2FSPROGS_FAKE_TIME: String(options.epochSeconds),
        SOURCE_DATE_EPOCH: String(options.epochSeconds),
      },
    },
  );
  await clampInodeTimes(image, extent.offsetBytes, options.epochSeconds);
}

/** Fails unless both file systems are clean (e2fsck(8), fsck.fat(8)); changes nothing. */
export async function checkFileSystems(
  context: Context,
  image: string,
  extents: { boot: PartitionPlace; root: PartitionPlace },
  scratch: string,
): Promise<void> {
  await context.exec(['e2fsck', '-fn', `${image}?offset=${extents.root.offsetBytes}`]);
  // fsck.fat cannot work at an offset.
  await context.exec([
    'dd',
    `if=${image}`,
    `of=${scratch}`,
    'bs=1M',
    'iflag=skip_bytes,count_bytes',
    `skip=${extents.boot.offsetBytes}`,
    `count=${extents.boot.sizeBytes}`,
    'conv=sparse',
    'status=none',
  ]);
  await context.exec(['fsck.fat', '-n', scratch]);
}

/**
 * mke2fs -d copies access and change times of the host's files, which differ from run to run and cannot be
 * set on the host. Offsets are those of struct ext2_super_block, ext2_group_desc and ext2_inode_large
 * (e2fsprogs, lib/ext2fs/ext2_fs.h); without metadata_csum nothing else depends on them.
 */
async function clampInodeTimes(image: string, offsetBytes: number, epochSeconds: number): Promise<void> {
  const file = await open(image, 'r+');
  try {
    const superblock = Buffer.alloc(1024);
    await file.read(superblock, 0, 1024, offsetBytes + 1024);
    if (superblock.readUInt16LE(0x38) !== 0xef53) throw new BugError(`no ext4 at ${offsetBytes} of ${image}`);
    const inodesCount = superblock.readUInt32LE(0);
    const blockBytes = 1024 << superblock.readUInt32LE(0x18);
    const inodesPerGroup = superblock.readUInt32LE(0x28);
    const inodeBytes = superblock.readUInt16LE(0x58);
    const groups = Math.ceil(inodesCount / inodesPerGroup);
    const descriptors = Buffer.alloc(groups * 32);
    const firstBlock = superblock.readUInt32LE(0x14);
    await file.read(descriptors, 0, descriptors.length, offsetBytes + (firstBlock + 1) * blockBytes);
    const table = Buffer.alloc(inodesPerGroup * inodeBytes);
    for (let group = 0; group < groups; group++) {
      const position = offsetBytes + descriptors.readUInt32LE(group * 32 + 8) * blockBytes;
      await file.read(table, 0, table.length, position);
      for (let at = 0; at < table.length; at += inodeBytes) clampInode(table, at, epochSeconds);
      await file.write(table, 0, table.length, position);
    }
  } finally {
    await file.close();
  }
}

function clampInode(table: Buffer, at: number, epochSeconds: number): void {
  if (table.readUInt16LE(at) === 0) return;
  const modified = table.readUInt32LE(at + 0x10);
  if (modified === 0 || modified >= epochSeconds) table.writeUInt32LE(epochSeconds, at + 0x10);
  // Access, change and creation time; then the four fields of nanoseconds.
  for (const field of [0x08, 0x0c, 0x90]) table.writeUInt32LE(epochSeconds, at + field);
  for (const field of [0x84, 0x88, 0x8c, 0x94]) table.writeUInt32LE(0, at + field);
}
