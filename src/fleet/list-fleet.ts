import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mergeChecksums } from '../formats/release-files/checksums.ts';
import { readChecksums, type Signing, writeChecksums } from '../release/write-checksums.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { writeFileAtomic } from '../tools/files/replace-file.ts';
import type { FleetResult } from './fleet-state.ts';
import { makeOsList } from './make-os-list.ts';

/** How to list the folder of a fleet. */
export interface FleetListing {
  readonly folder: string;
  /** The fleet file's name without its extension, for the list that opens with Raspberry Pi Imager. */
  readonly title: string;
  /** The URL of the published folder; undefined if it is not known. */
  readonly urlBase: string | undefined;
  readonly signing: Signing;
  readonly warn: (text: string) => void;
}

const OS_LIST = 'os_list.json';

/**
 * Writes the files about the fleet as a whole: the lists for Raspberry Pi Imager, then SHA256SUMS and its signature.
 * Lines of files outside the fleet are kept.
 *
 * Without a URL, the list has paths of this machine. It then works only here, under the name that opens with Imager; it
 * is not a release file, and an earlier os_list.json is removed.
 * @param results in the fleet's order
 * @param gone names of files that earlier runs listed and that are no longer part of the fleet
 */
export async function listFleet(
  { folder, title, urlBase, signing, warn }: FleetListing,
  results: readonly FleetResult[],
  gone: readonly string[],
): Promise<void> {
  const manifestName = `${title}.rpi-imager-manifest`;
  const list = await makeOsList(folder, results, urlBase);
  const released = list === undefined || urlBase === undefined ? [] : [OS_LIST, manifestName];
  const before = await readChecksums(folder);
  const dropped = new Set([...gone, OS_LIST, manifestName].filter((name) => !released.includes(name)));
  if (before.includes(`  ${OS_LIST}\n`) && dropped.has(OS_LIST))
    await rm(join(folder, OS_LIST), { force: true });
  if (list === undefined) await rm(join(folder, manifestName), { force: true });
  else {
    await writeFileAtomic(join(folder, manifestName), list);
    if (urlBase !== undefined) await writeFileAtomic(join(folder, OS_LIST), list);
  }
  const sums: (readonly [name: string, sha256: string])[] = [
    ...results.flatMap(({ files }) => files.map((file) => [file.name, file.sha256] as const)),
    ...released.map((name) => [name, sha256Text(list ?? '')] as const),
  ];
  await writeChecksums(folder, mergeChecksums(before, sums, dropped), signing, warn);
}
