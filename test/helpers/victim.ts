import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILES = { 'glib.h': 'precious', 'precious.h': 'of the user', key: 'SECRET-OF-THE-BUILD-HOST' };

/** Makes a folder of a user's, to which links of a hostile base lead. */
export async function makeVictim(parent: string): Promise<string> {
  const folder = join(parent, 'victim');
  await mkdir(folder, { mode: 0o700 });
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
  for (const path of [...Object.keys(FILES).map((name) => join(folder, name)), folder]) {
    await utimes(path, 1_000_000_000, 1_000_000_000);
  }
  return folder;
}

/** Nothing in it was made, changed, removed or written anew, and its mode is what it was. */
export async function assertUntouched(folder: string): Promise<void> {
  assert.deepEqual((await readdir(folder)).sort(), Object.keys(FILES).sort());
  assert.equal((await lstat(folder)).mode & 0o7777, 0o700);
  assert.equal((await lstat(folder)).mtimeMs, 1e12, 'an entry was made or removed');
  for (const [name, text] of Object.entries(FILES)) {
    assert.equal(await readFile(join(folder, name), 'utf8'), text);
    assert.equal((await lstat(join(folder, name))).mtimeMs, 1e12, `${name} was written to`);
  }
}
