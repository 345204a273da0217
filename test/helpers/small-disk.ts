import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A mounted disk of a few megabytes. */
export interface SmallDisk {
  readonly folder: string;
  /** Mounts it again, read-only or not. */
  remount(mode: 'ro' | 'rw'): void;
}

/**
 * Mounts a small tmpfs, gone when the test ends.
 * @returns why that does not work here, for `t.skip`
 */
export async function mountSmallDisk(t: TestContext, sizeBytes: number): Promise<SmallDisk | string> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes},mode=755`, 'wwanpi-test', folder], {
      stdio: 'pipe',
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return `a tmpfs can't be mounted: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`;
  }
  t.after(async () => {
    execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
    await rm(folder, { recursive: true, force: true });
  });
  return {
    folder,
    remount: (mode) => execFileSync('mount', ['-o', `remount,${mode}`, folder], { stdio: 'pipe' }),
  };
}
