import type { Context } from '../../core/context.ts';
import { ToolFailedError, ToolMissingError } from '../../core/errors.ts';
import type { ByteRange } from '../../formats/byte-range.ts';

/**
 * The ranges of a file that hold data, by SEEK_DATA and SEEK_HOLE of lseek(2), which Python has and Node.js has not.
 * The rest is holes and reads as zeros. On a file system without holes everything is data.
 * @returns ascending ranges; undefined if Python cannot find them
 */
export async function listData(context: Context, path: string): Promise<readonly ByteRange[] | undefined> {
  try {
    const { stdout } = await context.exec(['python3', '-I', '-S', '-c', PROGRAM, path]);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ').map(Number))
      .map(([start = 0, end = 0]) => ({ start, end }));
  } catch (error) {
    if (error instanceof ToolMissingError || error instanceof ToolFailedError) return undefined;
    throw error;
  }
}

/** ENXIO means that no data follows (lseek(2)). */
const PROGRAM = `
import errno, os, sys
file = os.open(sys.argv[1], os.O_RDONLY)
size = os.fstat(file).st_size
at = 0
while at < size:
    try:
        start = os.lseek(file, at, os.SEEK_DATA)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        break
    at = os.lseek(file, start, os.SEEK_HOLE)
    print(start, at)
`;
