import { lstatSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { InputError } from '../core/errors.ts';

/** sun_path holds 108 bytes, the last of them 0 (unix(7)). */
const MAX_PATH_BYTES = 107;

/**
 * Makes a server listen at a path. A socket that a dead process left there is replaced.
 * @throws InputError when the path is too long or the server cannot listen there
 */
export async function listenAt(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new InputError(`${path} is too long for a socket`, { hint: 'set TMPDIR to a shorter folder' });
  }
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
  await new Promise<void>((done, fail) => {
    server.once('error', (cause) =>
      fail(new InputError(`cannot listen on ${path}: ${cause.message}`, { cause })),
    );
    server.listen(path, done);
  });
}
