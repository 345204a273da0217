import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listImagerAddresses } from '../formats/release-files/imager-addresses.ts';

/**
 * Finds the lists for Raspberry Pi Imager that work for visitors of the page: their images have URLs on the web, not
 * paths on this machine. The other lists become warnings.
 */
export async function readImagerLists(
  folder: string,
  names: readonly string[],
): Promise<{ usable: string[]; warnings: string[] }> {
  const usable: string[] = [];
  const warnings: string[] = [];
  const lists = names.filter((name) => name.endsWith('.rpi-imager-manifest') || name === 'os_list.json');
  // The list with Imager's own extension comes first, because a double click opens it.
  for (const name of lists.toSorted((a, b) => Number(a === 'os_list.json') - Number(b === 'os_list.json'))) {
    const addresses = listImagerAddresses(await readFile(join(folder, name), 'utf8'));
    if (
      addresses !== undefined &&
      addresses.length > 0 &&
      addresses.every((url) => /^https?:\/\//.test(url))
    ) {
      usable.push(name);
    } else {
      const why =
        addresses === undefined
          ? 'is not a list for Raspberry Pi Imager'
          : 'has paths of this machine (wwanpi fleet --url-base writes URLs)';
      warnings.push(`${name} ${why}: the page does not offer it`);
    }
  }
  return { usable, warnings };
}
