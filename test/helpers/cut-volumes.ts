import { open } from 'node:fs/promises';
import type { Partition } from '../../src/core/model.ts';
import { openExt4 } from '../../src/formats/ext4/ext4-reader.ts';
import { openFat } from '../../src/formats/fat/fat-reader.ts';
import type { ReadBytes, TreeNode } from '../../src/formats/tree-reader.ts';
import { openFileToRead } from '../../src/tools/disk/random-access.ts';
import { applyCut, type Cut, type LoggedWrite } from './write-log.ts';

/** The writes of a disk as those of one of its partitions; what goes elsewhere has no length. */
export function listVolumeWrites(writes: readonly LoggedWrite[], partition: Partition): LoggedWrite[] {
  return writes.map((write) => {
    const offsetBytes = write.offsetBytes - partition.offsetBytes;
    const isInside = offsetBytes >= 0 && offsetBytes < partition.sizeBytes;
    return { ...write, offsetBytes, lengthBytes: isInside ? write.lengthBytes : 0 };
  });
}

/** Puts the writes from `from` on into the file of a volume, as far as the cut has them. */
export async function cutVolume(
  path: string,
  logPath: string,
  writes: readonly LoggedWrite[],
  cut: Cut,
  from = 0,
): Promise<void> {
  const [volume, log] = await Promise.all([open(path, 'r+'), open(logPath, 'r')]);
  try {
    await applyCut(volume, log, writes, cut, from);
  } finally {
    await Promise.all([volume.close(), log.close()]);
  }
}

/** A file of a volume: its bytes as characters, its mode and owner; or where a symlink leads. */
export interface VolumeFile {
  readonly text: string;
  readonly meta: string;
}

/** The files below these folders of a root and a boot volume, by their paths on the Pi. */
export async function readVolumes(
  root: string,
  boot: string,
  folders: readonly string[],
): Promise<Map<string, VolumeFile>> {
  const files = new Map<string, VolumeFile>();
  const add = async (path: string, node: TreeNode): Promise<void> => {
    const meta = `${node.kind} ${node.mode.toString(8)} ${node.uid}:${node.gid}`;
    if (node.kind === 'directory') {
      for (const child of await node.children()) await add(`${path}/${child.name}`, await child.open());
    } else if (node.kind === 'symlink') files.set(path, { text: await node.readLink(), meta });
    else if (node.kind === 'file')
      files.set(path, { text: Buffer.from(await node.read()).toString('latin1'), meta });
  };
  await withReader(root, async (read) => {
    const { root: top } = await openExt4(read);
    for (const folder of folders) {
      let node: TreeNode | undefined = top;
      for (const name of folder.split('/').slice(1)) node = await node?.find(name);
      if (node !== undefined) await add(folder, node);
    }
  });
  await withReader(boot, async (read) => {
    const { root: top } = await openFat(read);
    for (const child of await top.children())
      if (/^wwanpi/i.test(child.name)) await add(`/boot/${child.name}`, await child.open());
  });
  return files;
}

async function withReader(path: string, use: (read: ReadBytes) => Promise<void>): Promise<void> {
  const file = await openFileToRead(path);
  try {
    await use(file.read);
  } finally {
    await file.close();
  }
}
