import { chmod, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../../src/core/context.ts';
import type { Disk } from '../../src/core/model.ts';
import { openDisk } from '../../src/image/open-disk.ts';

/** The ext4 features of a Raspberry Pi OS image, whatever this machine's mke2fs.conf says. */
export const PI_FEATURES = '^64bit,^metadata_csum,^huge_file';

/** What goes into a small image: content, or a symlink's target, by absolute path. */
export interface ImageContent {
  readonly root?: Readonly<Record<string, string | Uint8Array | { readonly link: string }>>;
  readonly boot?: Readonly<Record<string, string | Uint8Array>>;
}

/** Sizes of the fixture; offsets are not multiples of 4 MiB, as in real images. */
export interface ImageShape {
  readonly bootSectors?: number;
  readonly rootSectors?: number;
  readonly fatBits?: '16' | '32';
  readonly mke2fs?: readonly string[];
}

const BOOT_SECTOR = 2048;

/**
 * Makes a small disk image like a stock one with sfdisk, mkfs.fat, mtools and mke2fs: 7 MiB of FAT, 32 MiB of
 * ext4 without 64bit and metadata_csum, MBR id 2ed5c94e.
 */
export async function makeImage(
  context: Context,
  name: string,
  content: ImageContent = {},
  shape: ImageShape = {},
): Promise<Disk> {
  const { exec, tmpDir } = context;
  const path = join(tmpDir, name);
  const bootSectors = shape.bootSectors ?? 14_000;
  const rootSectors = shape.rootSectors ?? 65_536;
  const rootSector = Math.ceil((BOOT_SECTOR + bootSectors) / 2048) * 2048;
  await writeFile(path, '');
  await truncate(path, (rootSector + rootSectors) * 512);
  const table = [
    'label: dos',
    'label-id: 0x2ed5c94e',
    `start=${BOOT_SECTOR},size=${bootSectors},type=c`,
    `start=${rootSector},size=${rootSectors},type=83`,
  ];
  await exec(['sfdisk', '-q', path], { input: `${table.join('\n')}\n` });
  const fatArgs = ['-F', shape.fatBits ?? '16', '-s', '1', '-n', 'BOOT', '-i', '2ed5c94e'];
  await exec([
    'mkfs.fat',
    ...fatArgs,
    '--offset',
    String(BOOT_SECTOR),
    path,
    String(Math.floor(bootSectors / 2)),
  ]);
  await fillBoot(context, path, content.boot ?? {});
  const tree = join(tmpDir, `${name}.tree`);
  await fillTree(tree, content.root ?? {});
  await exec([
    'mke2fs',
    ...['-q', '-b', '4096', '-t', 'ext4', '-L', 'rootfs', '-O', PI_FEATURES],
    ...(shape.mke2fs ?? []),
    ...[
      '-E',
      `offset=${rootSector * 512},root_owner=0:0`,
      '-d',
      tree,
      path,
      String(Math.floor(rootSectors / 8)),
    ],
  ]);
  await rm(tree, { recursive: true });
  return openDisk(path);
}

async function fillBoot(
  context: Context,
  path: string,
  files: NonNullable<ImageContent['boot']>,
): Promise<void> {
  const volume = `${path}@@${BOOT_SECTOR * 512}`;
  const source = join(context.tmpDir, 'boot-file');
  for (const [name, content] of Object.entries(files)) {
    const folder = dirname(name);
    // -D s: leave a folder alone that is there already.
    if (folder !== '/')
      await context.exec(['mmd', '-D', 's', '-i', volume, `::${folder}`], { okExitCodes: [1] });
    await writeFile(source, content);
    await context.exec(['mcopy', '-i', volume, '-o', source, `::${name}`]);
  }
}

async function fillTree(tree: string, files: NonNullable<ImageContent['root']>): Promise<void> {
  await mkdir(tree, { recursive: true });
  await chmod(tree, 0o755);
  for (const [name, content] of Object.entries(files)) {
    const path = join(tree, name);
    await mkdir(dirname(path), { recursive: true });
    if (typeof content === 'object' && 'link' in content) await symlink(content.link, path);
    else await writeFile(path, content);
  }
}
