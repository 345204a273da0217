import { statfs } from 'node:fs/promises';
import type { Context } from '../core/context.ts';
import { DiskError, NO_SPACE_HINT, ToolMissingError } from '../core/errors.ts';
import { findBmap } from '../flash/find-sidecar-files.ts';
import { openImage } from '../flash/open-image.ts';
import { countBytes, planExtents } from '../flash/plan-extents.ts';
import { formatBytes } from '../formats/units.ts';
import type { ArchiveFormat } from '../tools/archive.ts';

/**
 * Checks that a folder has room for the disk in an archive. With a block map beside the archive, holes are not counted;
 * an archive that does not say its size is not checked.
 * @throws DiskError when the disk does not fit, InputError when the archive is damaged at its end
 */
export async function assertRoom(
  context: Context,
  folder: string,
  archive: { readonly archivePath: string; readonly format: ArchiveFormat },
): Promise<void> {
  const { archivePath, format } = archive;
  const image = await openImage(context.exec, archivePath, format).catch((error: unknown) => {
    // Only the size needs the host's xz; the archive is unpacked without it.
    if (error instanceof ToolMissingError) return undefined;
    throw error;
  });
  if (image?.diskBytes === undefined) return;
  // A block map of another image is no reason against unpacking this one.
  const map = await findBmap(image, true).catch(() => undefined);
  const neededBytes = countBytes(planExtents(image.diskBytes, map?.bmap));
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= neededBytes) return;
  throw new DiskError(
    `no room to unpack ${archivePath}: it needs ${formatBytes(neededBytes)}, and ${folder} has ${formatBytes(bavail * bsize)}`,
    { hint: NO_SPACE_HINT },
  );
}
