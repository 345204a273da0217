import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listImagerAddresses } from '../formats/release-files/imager-addresses.ts';

/**
 * The lists for Raspberry Pi Imager among a folder's files that work for whoever opens the page: their images are at
 * addresses on the web, not on this disk. The others come as warnings.
 */
export async function readImagerLists(
  folder: string,
  names: readonly string[],
): Promise<{ usable: string[]; warnings: string[] }> {
  const usable: string[] = [];
  const warnings: string[] = [];
  const lists = names.filter((name) => name.endsWith('.rpi-imager-manifest') || name === 'os_list.json');
  // The same list under its own extension comes first: that is what opens by a double click.
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
          ? 'is no list for Raspberry Pi Imager'
          : 'names files on this machine alone (wwanpi fleet --url-base names those on the web)';
      warnings.push(`${name} ${why}: the page does not offer it`);
    }
  }
  return { usable, warnings };
}
