import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A file's content: text, or that many random bytes. */
export type Content = string | number | Buffer;

/** An output folder like that of a build: the files and their SHA256SUMS, gone when the test ends. */
export async function makeRelease(
  t: TestContext,
  files: Readonly<Record<string, Content>>,
  unlisted: Readonly<Record<string, Content>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-release-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await fillRelease(folder, files, unlisted);
  return folder;
}

/** Writes the files of a release into a folder, and the SHA256SUMS that lists `files`. */
export async function fillRelease(
  folder: string,
  files: Readonly<Record<string, Content>>,
  unlisted: Readonly<Record<string, Content>> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines: string[] = [];
  for (const [name, content] of Object.entries({ ...files, ...unlisted })) {
    const bytes = typeof content === 'number' ? randomBytes(content) : Buffer.from(content);
    await writeFile(join(folder, name), bytes);
    if (name in files) lines.push(`${sha256(bytes)}  ${name}\n`);
  }
  await writeFile(join(folder, 'SHA256SUMS'), lines.sort().join(''));
}

/** The files of a folder by name, as hashes; the history of publishing left out. */
export async function hashFolder(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name !== '.wwanpi-releases.json').sort();
  const entries = await Promise.all(
    names.map(async (name) => [name, sha256(await readFile(join(folder, name)))] as const),
  );
  return Object.fromEntries(entries);
}

/** SHA-256 in lower-case hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
