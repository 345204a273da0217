import type { Context } from '../../core/context.ts';
import { ToolFailedError, ToolMissingError } from '../../core/errors.ts';

/**
 * Drops a finished file from the page cache (dd(1), "drop cache for the whole file"; Node.js has no
 * posix_fadvise(2)). A fleet writes a gigabyte per image, which is not read again soon. Left in the cache it would
 * displace the base and the compressed blocks, which every further image reads. Without dd, builds are only slower.
 */
export async function dropPages(context: Context, path: string): Promise<void> {
  try {
    await context.exec([
      'dd',
      `of=${path}`,
      'oflag=nocache',
      'conv=notrunc,nocreat,fdatasync',
      'count=0',
      'status=none',
    ]);
  } catch (error) {
    if (!(error instanceof ToolMissingError || error instanceof ToolFailedError)) throw error;
  }
}
