import type { Context } from '../../core/context.ts';
import { ToolFailedError, ToolMissingError } from '../../core/errors.ts';

/**
 * Has the kernel forget a finished file's pages (dd(1), "drop cache for the whole file"; Node.js has no
 * posix_fadvise(2)). A fleet writes a gigabyte for each image that nobody reads soon; left in memory, they drive out the
 * base and the packed blocks, which every further image reads. The file itself is not touched, and without dd all is
 * only slower.
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
