import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Text } from '../tools/hash.ts';
import { removeStale } from '../tools/stale.ts';

/** The names of what a build leaves in its output folder. */
export interface OutputPaths {
  readonly folder: string;
  readonly image: string;
  readonly manifest: string;
  readonly checksums: string;
}

/** Where the finished files of an image called `name` lie. */
export function outputPaths(folder: string, name: string): OutputPaths {
  return {
    folder,
    image: join(folder, `${name}.img`),
    manifest: join(folder, `${name}.manifest.json`),
    checksums: join(folder, 'SHA256SUMS'),
  };
}

/**
 * Gives `make` the path of a temporary image beside the final one, and moves everything to its name only
 * when `make` came back: image first, then the manifest, then SHA256SUMS, each synced before its rename.
 * Whatever goes wrong, the temporary file is gone afterwards and what was there before is untouched.
 * @param make writes the whole, checked image and returns its SHA-256 and the manifest's text
 */
export async function writeOutput(
  paths: OutputPaths,
  make: (temporaryImage: string) => Promise<{ sha256: string; manifest: string }>,
): Promise<void> {
  await mkdir(paths.folder, { recursive: true });
  // A build that was killed outright could not clean up after itself.
  await removeStale(paths.folder, /^\..*\.partial-(\d+)$/);
  const temporaryImage = partialName(paths.image);
  const temporaryManifest = partialName(paths.manifest);
  try {
    const { sha256, manifest } = await make(temporaryImage);
    await syncFile(temporaryImage);
    await writeFile(temporaryManifest, manifest);
    await syncFile(temporaryManifest);
    await rename(temporaryImage, paths.image);
    await rename(temporaryManifest, paths.manifest);
    const manifestSha256 = sha256Text(manifest);
    await updateChecksums(paths, [
      [fileName(paths.image), sha256],
      [fileName(paths.manifest), manifestSha256],
    ]);
    await syncFile(paths.folder);
  } finally {
    await rm(temporaryImage, { force: true });
    await rm(temporaryManifest, { force: true });
  }
}

/** The text of a SHA256SUMS file (sha256sum(1)) with `entries` put in, by name; other lines are kept. */
export function mergeChecksums(
  text: string,
  entries: readonly (readonly [name: string, sha256: string])[],
): string {
  const sums = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([0-9a-f]{64}) [ *](.+)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) sums.set(match[2], match[1]);
  }
  for (const [name, sha256] of entries) sums.set(name, sha256);
  const names = [...sums.keys()].sort();
  return names.map((name) => `${sums.get(name)}  ${name}\n`).join('');
}

/** The last update under way of each SHA256SUMS: images of one fleet finish side by side. */
const updates = new Map<string, Promise<void>>();

/** Puts lines into the folder's SHA256SUMS, one caller of this process after the other. */
export async function updateChecksums(
  paths: Pick<OutputPaths, 'checksums'>,
  entries: readonly (readonly [name: string, sha256: string])[],
): Promise<void> {
  const before = updates.get(paths.checksums) ?? Promise.resolve();
  const update = before.catch(() => undefined).then(() => rewriteChecksums(paths, entries));
  updates.set(paths.checksums, update);
  await update;
}

async function rewriteChecksums(
  paths: Pick<OutputPaths, 'checksums'>,
  entries: readonly (readonly [name: string, sha256: string])[],
): Promise<void> {
  const before = await readFile(paths.checksums, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const temporary = partialName(paths.checksums);
  await writeFile(temporary, mergeChecksums(before, entries));
  await syncFile(temporary);
  await rename(temporary, paths.checksums);
}

/** Hidden, and with the process id so that two builds into one folder do not meet and a dead one's is known. */
function partialName(path: string): string {
  return join(path, '..', `.${fileName(path)}.partial-${process.pid}`);
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
