import { InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { readStatusText } from '../formats/config/status-text.ts';
import { withBootVolume } from '../image/image-tree.ts';

/**
 * The text of wwanpi-status.txt on a disk, as a PC would show it, also while a guest writes to the disk; undefined where
 * there is none, and where the volume cannot be read right now.
 */
export async function readStatusFile(disk: Disk): Promise<string | undefined> {
  try {
    return await withBootVolume(disk, async ({ root }) => {
      const node = await root.find('wwanpi-status.txt');
      return node === undefined ? undefined : readStatusText(await node.read());
    });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
