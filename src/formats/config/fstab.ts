import type { BootFolder } from '../../core/model.ts';

/** Raspberry Pi OS since Bookworm, and Debian's images for the Pi. */
const NEW_FOLDER = '/boot/firmware';

/** The paths that a file on the FAT volume may have. */
export function listOnBoot(name: string): string[] {
  return [`/boot/${name}`, `${NEW_FOLDER}/${name}`];
}

/** Where an /etc/fstab (fstab(5)) mounts the FAT volume of a Pi; `/boot` unless it says otherwise. */
export function parseBootFolder(fstab: string): BootFolder {
  const mounts = fstab
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .map((line) => line.trim().split(/[ \t]+/)[1]);
  return mounts.includes(NEW_FOLDER) ? NEW_FOLDER : '/boot';
}
