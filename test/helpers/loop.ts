import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import type { TestContext } from 'node:test';

/** Why no loop device can be had here, or undefined where one can. */
export function loopsMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root, for loop devices';
  try {
    execFileSync('losetup', ['-f'], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'needs loop devices, which this machine lacks';
  }
}

/** A sparse file as a block device, gone when the test ends. @returns such as /dev/loop3 */
export function attachLoop(
  t: TestContext,
  path: string,
  options: { sizeBytes?: number; args?: readonly string[] } = {},
): string {
  if (options.sizeBytes !== undefined) {
    const file = openSync(path, 'a');
    ftruncateSync(file, options.sizeBytes);
    closeSync(file);
  }
  const device = attach([...(options.args ?? []), path]);
  t.after(() => execFileSync('losetup', ['--detach', device]));
  return device;
}

const TRIES = 60;
const PAUSE_MS = 500;

/** Tries again for half a minute: a free device is all processes' until it is attached, and losetup may be refused it. */
function attach(args: readonly string[]): string {
  for (let tries = 1; ; tries += 1) {
    try {
      return execFileSync('losetup', ['--find', '--show', ...args], {
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim();
    } catch (error) {
      if (tries === TRIES) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
