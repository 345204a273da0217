import { constants, copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { explainFileError, InputError, VerificationError } from '../core/errors.ts';
import { readVersion } from '../core/package.ts';
import { parseChecksums } from '../formats/release-files/checksums.ts';
import { readChecksums } from '../release/write-checksums.ts';
import { hashFile } from '../tools/files/hash.ts';
import { getPartialPath } from '../tools/files/partial.ts';
import { writeFileAtomic } from '../tools/files/replace-file.ts';
import { type FleetResult, formatFleetJson, parseFleetJson } from './fleet-state.ts';
import { type FleetListing, listFleet } from './list-fleet.ts';

/** A merged fleet. */
export interface Collection {
  /** In the fleet's order. */
  readonly results: readonly FleetResult[];
  /** Images of the fleet that are in none of the folders. */
  readonly missing: readonly string[];
  /** `fleet.json`'s text. */
  readonly json: string;
}

/**
 * Merges the output folders of shards that were built on several machines: copies each finished file and checks its
 * hash, then writes `fleet.json` and `SHA256SUMS` for all. Builds nothing and needs neither base nor tools.
 * @param names of the fleet's images, in its order; other images of a folder are not copied
 * @param listing the folder to merge into, and how it is listed
 * @throws InputError when a folder holds no fleet, VerificationError when a file is not as its folder says
 */
export async function collectFleet(
  context: Context,
  names: readonly string[],
  folders: readonly string[],
  listing: Omit<FleetListing, 'warn'>,
): Promise<Collection> {
  const output = listing.folder;
  const found = new Map<string, { folder: string; result: FleetResult }>();
  for (const folder of folders) {
    for (const result of await readResults(folder)) {
      const known = found.get(result.name);
      // If a shard ran twice, a success counts.
      if (known === undefined || known.result.verdict === 'failed')
        found.set(result.name, { folder, result });
    }
  }
  await mkdir(output, { recursive: true });
  const ours = names.flatMap((name) => found.get(name) ?? []);
  for (const { folder, result } of ours) {
    for (const file of result.files) await copyChecked(context, folder, output, file);
  }
  const results = ours.map(({ result }) => result);
  const json = formatFleetJson(readVersion(), names, results);
  await writeFileAtomic(join(output, 'fleet.json'), json);
  // Other listed files are from earlier runs.
  const earlier = parseChecksums(await readChecksums(output)).map(([name]) => name);
  await listFleet({ ...listing, warn: context.report.warn }, results, earlier);
  return { results, missing: names.filter((name) => !found.has(name)), json };
}

async function readResults(folder: string): Promise<readonly FleetResult[]> {
  const text = await readFile(join(folder, 'fleet.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`--collect: cannot read ${join(folder, 'fleet.json')}: ${explainFileError(error)}`, {
      hint: 'give the output folders of wwanpi fleet --shard',
      cause: error,
    });
  });
  const results = parseFleetJson(text);
  if (results === undefined)
    throw new InputError(`${join(folder, 'fleet.json')} was not written by wwanpi fleet`);
  return results;
}

/** Copies a file, sharing blocks if the file system can; the copy gets its final name only if its hash is right. */
async function copyChecked(
  context: Context,
  from: string,
  to: string,
  { name, sha256 }: FleetResult['files'][number],
): Promise<void> {
  const temporary = getPartialPath(join(to, name));
  try {
    await copyFile(join(from, name), temporary, constants.COPYFILE_FICLONE).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        throw new VerificationError(`${join(from, name)} is listed in fleet.json, but does not exist`);
      },
    );
    const actual = await hashFile(temporary, context.signal);
    if (actual !== sha256) {
      throw new VerificationError(
        `${join(from, name)} has SHA-256 ${actual}; its fleet.json says ${sha256}`,
        {
          hint: 'copy it again from the machine that made it',
        },
      );
    }
    await rename(temporary, join(to, name));
  } finally {
    await rm(temporary, { force: true });
  }
}
