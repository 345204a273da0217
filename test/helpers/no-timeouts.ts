import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baseEnv } from '../../src/tools/child-env.ts';

/** A PATH for scripts where timeout(1) sets no limit: what is quick on a Pi may take long on a busy machine. */
export async function pathWithoutTimeouts(folder: string): Promise<string> {
  const bin = join(folder, 'no-timeouts');
  await mkdir(bin);
  await writeFile(join(bin, 'timeout'), '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
  return `${bin}:${baseEnv().PATH}`;
}
