import { InputError } from '../../core/errors.ts';

/**
 * Refuses FAT's forbidden characters, mtools' pattern characters, and endings that FAT drops.
 * @param path absolute in the boot volume
 * @throws InputError
 */
export function checkFatPath(path: string): void {
  for (const name of path.split('/').slice(1)) {
    if (
      name === '' ||
      name.length > 255 ||
      /[\x00-\x1f\x7f"*:<>?|\\[\]]|[^\x00-\x7f]|^[ ]|[ .]$/.test(name)
    ) {
      throw new InputError(`${JSON.stringify(`/boot${path}`)} cannot be a file name on the boot partition`, {
        hint: 'FAT allows plain ASCII names without " * : < > ? | \\ [ ] that end in neither space nor dot',
      });
    }
  }
}
