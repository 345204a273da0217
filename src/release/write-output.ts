import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReleaseFile } from '../core/model.ts';
import { mergeChecksums, parseChecksums } from '../formats/release-files/checksums.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { getPartialPath } from '../tools/files/partial.ts';
import { syncFile } from '../tools/files/replace-file.ts';
import { removeStale } from '../tools/files/stale.ts';
import { readChecksums, type Signing, writeChecksums } from './write-checksums.ts';

/** A file to put in place: complete under its partial name, or given as content. */
export type OutputFile =
  | ReleaseFile
  | (Pick<ReleaseFile, 'name' | 'kind'> & { readonly content: string | Uint8Array });

/** How SHA256SUMS is signed, and how a removed signature is reported. */
export interface SumsOptions {
  readonly signing: Signing;
  readonly warn: (text: string) => void;
}

/**
 * Runs `make`, which writes files under hidden partial names beside the final ones, and then renames every file of the
 * list it returns: each is synced before its rename, in the list's order, and SHA256SUMS comes last. Files of an
 * earlier build of the same image that this build did not make are removed, so that the folder never has files of two
 * builds of one image. On any error no partial file is left, and until `make` returns the old files are untouched.
 * @param imageName of the build; its files have this name and an extension
 * @param make gets a function from a file's name to the path to write it to
 * @param sums how SHA256SUMS is signed
 */
export async function writeOutput(
  folder: string,
  imageName: string,
  make: (partialPath: (name: string) => string) => Promise<readonly OutputFile[]>,
  sums: SumsOptions = { signing: 'nobody', warn: () => undefined },
): Promise<readonly ReleaseFile[]> {
  await mkdir(folder, { recursive: true });
  // A build that was killed (SIGKILL) leaves partial files.
  await removeStale(folder, /^\..*\.partial-(\d+)$/);
  const partials = new Set<string>();
  const partialPath = (name: string) => {
    const path = getPartialPath(join(folder, name));
    partials.add(path);
    return path;
  };
  try {
    const made = await make(partialPath);
    const files: ReleaseFile[] = [];
    for (const file of made) {
      files.push('content' in file ? await writeContent(partialPath(file.name), file) : file);
      await syncFile(partialPath(file.name));
    }
    for (const { name } of files) await rename(partialPath(name), join(folder, name));
    await updateChecksums(folder, imageName, files, sums);
    await syncFile(folder);
    return files;
  } finally {
    for (const path of partials) await rm(path, { force: true });
  }
}

/** The last pending update of each folder's SHA256SUMS: images of one fleet finish in parallel. */
const updates = new Map<string, Promise<void>>();

/** Puts an image's lines into the folder's SHA256SUMS; callers in this process wait for each other. */
async function updateChecksums(
  folder: string,
  imageName: string,
  files: readonly ReleaseFile[],
  sums: SumsOptions,
): Promise<void> {
  const before = updates.get(folder) ?? Promise.resolve();
  const update = before.catch(() => undefined).then(() => rewriteChecksums(folder, imageName, files, sums));
  updates.set(folder, update);
  await update;
}

/** The suffixes of release files; only such files of an earlier build are removed. */
const SUFFIX = /^\.(img|img\.xz|img\.zst|bmap|manifest\.json|sbom\.json)$/;

async function rewriteChecksums(
  folder: string,
  imageName: string,
  files: readonly ReleaseFile[],
  { signing, warn }: SumsOptions,
): Promise<void> {
  const text = await readChecksums(folder);
  const outdated = parseChecksums(text)
    .map(([name]) => name)
    .filter((name) => name.startsWith(imageName) && SUFFIX.test(name.slice(imageName.length)))
    .filter((name) => !files.some((file) => file.name === name));
  const entries = files.map(({ name, sha256 }) => [name, sha256] as const);
  await writeChecksums(folder, mergeChecksums(text, entries, outdated), signing, warn);
  for (const name of outdated) await rm(join(folder, name), { force: true });
}

async function writeContent(
  path: string,
  { name, kind, content }: Extract<OutputFile, { content: unknown }>,
): Promise<ReleaseFile> {
  await writeFile(path, content);
  return { name, kind, sizeBytes: Buffer.byteLength(content), sha256: sha256Text(content) };
}
