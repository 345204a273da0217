import { createHash } from 'node:crypto';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One SHA-256, in hex, over all names, contents, link targets and executable bits below a folder, without `.git`. */
export async function hashFolder(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const visit = async (prefix: string): Promise<void> => {
    const entries = await readdir(join(folder, prefix), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name === '.git') continue;
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      const full = join(folder, path);
      if (entry.isDirectory()) {
        await visit(path);
      } else if (entry.isSymbolicLink()) {
        hash.update(`${path}\0link\0${await readlink(full)}\0`);
      } else if (entry.isFile()) {
        const content = await readFile(full);
        const executable = ((await stat(full)).mode & 0o100) !== 0;
        hash.update(`${path}\0${executable}\0${content.length}\0`).update(content);
      }
    }
  };
  await visit('');
  return hash.digest('hex');
}
