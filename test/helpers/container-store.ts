import { spawn } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defaultCacheDir } from '../../src/host/with-run.ts';
import { sha256Text } from '../../src/tools/files/hash.ts';

/** Storage of container images that outlives the tests; this process alone has it. */
export interface ContainerStore {
  /** For `graphroot` and `runroot` of storage.conf: podman wants both where they were. */
  readonly graph: string;
  readonly run: string;
  close(): void;
}

const WEEK_MS = 7 * 24 * 3_600_000;

/**
 * Opens the storage for images that are made from `inputs`, and waits for another process that has it open. After a week it is made
 * anew: Debian's packages have changed by then.
 */
export async function openContainerStore(inputs: readonly string[]): Promise<ContainerStore> {
  const section = join(dirname(defaultCacheDir()), 'wwanpi-tests');
  await mkdir(section, { recursive: true });
  const lock = await takeLock(join(section, 'lock'));
  const week = Math.floor(Date.now() / WEEK_MS);
  const name = `store-${week}-${sha256Text(JSON.stringify(inputs)).slice(0, 12)}`;
  for (const other of await readdir(section)) {
    if (other === name || other === 'lock') continue;
    // What a killed run left mounted stays until the next start of the machine.
    await rm(join(section, other), { recursive: true, force: true }).catch(() => undefined);
  }
  // Of a longer one than 50 characters, podman's clean-up says that it cannot use it, and leaves the container.
  return { graph: join(section, name), run: join(section, 'run'), close: lock };
}

/** flock(1) holds the lock until its standard input ends, at the latest with this process. */
async function takeLock(path: string): Promise<() => void> {
  const child = spawn('flock', [path, 'sh', '-c', 'echo taken; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`flock ${path} has ended`)));
    child.stdout.once('data', () => resolve());
  });
  // It must not keep this process alive when a test forgets to close.
  for (const part of [child, child.stdin, child.stdout]) (part as { unref?(): void }).unref?.();
  return () => child.stdin.end();
}
