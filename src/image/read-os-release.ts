import { InputError } from '../core/errors.ts';
import type { Disk, OsRelease } from '../core/model.ts';
import { parseOsRelease } from '../formats/config/os-release.ts';
import { readBaseFiles } from './read-base-files.ts';

/**
 * Reads which system the base image contains.
 * @throws InputError when /etc/os-release is absent or names no release
 */
export async function readOsRelease(disk: Disk): Promise<OsRelease> {
  const path = '/etc/os-release';
  const file = (await readBaseFiles(disk, [path])).get(path);
  if (file === undefined) {
    throw new InputError(`the base image has no ${path}, so it is neither Debian nor Raspbian`);
  }
  return parseOsRelease(Buffer.from(file.content).toString('utf8'));
}
