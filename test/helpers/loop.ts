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
  const device = execFileSync('losetup', ['--find', '--show', ...(options.args ?? []), path], {
    encoding: 'utf8',
  }).trim();
  t.after(() => execFileSync('losetup', ['--detach', device]));
  return device;
}
