import type { BaseFile, BaseFiles } from '../../core/model.ts';
import { installedPackages } from '../debian/installed-packages.ts';

/** dpkg's list of packages and their states. */
export const DPKG_STATUS = '/var/lib/dpkg/status';

/** A file's content as text; undefined if the base has no such file. */
export function getText(files: BaseFiles, path: string): string | undefined {
  const file = files.get(path);
  return file === undefined ? undefined : Buffer.from(file.content).toString('utf8');
}

/** The packages installed in the base; a stage that uses this must require `DPKG_STATUS`. */
export function basePackages(files: BaseFiles): ReadonlyMap<string, string> {
  return installedPackages(getText(files, DPKG_STATUS) ?? '');
}

/** `text` as the bytes of a change. */
export function getBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'utf8'));
}

/** Owner and mode of the base's file, for a change that keeps them; by default root's 0644. */
export function getMeta(file: BaseFile | undefined): { mode: number; uid: number; gid: number } {
  return file === undefined
    ? { mode: 0o644, uid: 0, gid: 0 }
    : { mode: file.mode, uid: file.uid, gid: file.gid };
}
