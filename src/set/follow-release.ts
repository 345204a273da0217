import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Bmap, formatBmap } from '../formats/release-files/bmap.ts';
import { mergeChecksums, parseChecksums } from '../formats/release-files/checksums.ts';
import { replaceSbomHash } from '../formats/release-files/sbom-hash.ts';
import { SIGNATURE_SUFFIXES } from '../release/prepare-signer.ts';
import { readChecksums, type Signing, writeChecksums } from '../release/write-checksums.ts';
import { sha256Text } from '../tools/files/hash.ts';
import { writeFileAtomic } from '../tools/files/replace-file.ts';
import { splitName } from './plan-image.ts';
import type { Beside } from './read-beside.ts';
import { editFleetJson, editManifest, editOsList, type ReleaseChange } from './release-documents.ts';

/** What became of the files beside an image. Names, and sentences. */
export interface Followed {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** What no longer holds, and what to do about it. */
  readonly stale: readonly string[];
}

/** How to bring the files beside an image up to date. */
export interface FollowOptions {
  /** Where the image with the new settings is. */
  readonly destination: string;
  /** Whether it is a copy, so that the old image is still there. */
  readonly isCopy: boolean;
  readonly bmap: Bmap | undefined;
  readonly signing: Signing;
}

/**
 * Writes the files that describe a changed image: block map, manifest, SBOM, lists, and SHA256SUMS last. Beside a copy the
 * block map, manifest, SBOM and sums are written under its name; the lists are about the image it was copied from.
 */
export async function followRelease(
  beside: Beside,
  change: Omit<ReleaseChange, 'imageSha256'> & { readonly imageSha256: string | undefined },
  { destination, isCopy, bmap, signing }: FollowOptions,
): Promise<Followed> {
  const folder = dirname(destination);
  const { stem } = splitName(destination);
  const stale: string[] = [];
  const texts = new Map<string, string>();
  const put = (name: string, old: string | undefined, text: string | undefined): void => {
    if (text !== undefined) texts.set(name, text);
    else if (old !== undefined) stale.push(`${name}: it is of the old image, and could not be changed`);
  };
  put(`${stem}.bmap`, beside.bmap, bmap === undefined ? undefined : formatBmap(bmap));
  const { imageSha256 } = change;
  const whole: ReleaseChange | undefined = imageSha256 === undefined ? undefined : { ...change, imageSha256 };
  if (whole !== undefined) {
    put(`${stem}.manifest.json`, beside.manifest, beside.manifest && editManifest(beside.manifest, whole));
    put(`${stem}.sbom.json`, beside.sbom, beside.sbom && replaceSbomHash(beside.sbom, whole.imageSha256));
    for (const [name, text] of isCopy ? [] : beside.lists) {
      const edited = editOsList(text, whole);
      if (edited !== undefined) texts.set(name, edited);
    }
  }
  for (const [name, { sha256 }] of change.files) {
    if (beside.own.has(`${name}.sha256`)) texts.set(`${name}.sha256`, `${sha256}  ${name}\n`);
  }
  const sums = new Map([...change.files].map(([name, { sha256 }]) => [name, sha256]));
  for (const [name, text] of texts) sums.set(name, sha256Text(text));
  if (!isCopy && beside.fleet !== undefined && whole !== undefined) {
    const files = new Map(
      [...sums].map(([name, sha256]) => {
        const sizeBytes = change.files.get(name)?.sizeBytes ?? Buffer.byteLength(texts.get(name) ?? '');
        return [name, { sizeBytes, sha256 }];
      }),
    );
    const edited = editFleetJson(beside.fleet, { ...whole, files });
    if (edited !== undefined) texts.set('fleet.json', edited);
  }
  const removed = await removeSignatures(beside, folder, [...change.files.keys(), ...texts.keys()]);
  for (const [name, text] of texts) await writeFileAtomic(join(folder, name), text);
  const written = [...texts.keys()];
  if (beside.sums !== '') {
    const known = new Set(parseChecksums(beside.sums).map(([name]) => name));
    const isListed = (name: string) => isCopy || known.has(name);
    const entries = [...sums].filter(([name]) => isListed(name) && !name.endsWith('.sha256'));
    const text = mergeChecksums(await readChecksums(folder), entries);
    await writeChecksums(folder, text, signing, (message) => removed.push(message));
    written.push('SHA256SUMS');
  }
  if (!isCopy) stale.push(...findStale(beside, change));
  return { written, removed, stale };
}

/** Those of wwanpi, and the one that gpg --detach-sign writes. */
const SUFFIXES = [...SIGNATURE_SUFFIXES, '.sig'];

/** Signatures of the changed files themselves; that of SHA256SUMS goes when that is written. */
async function removeSignatures(
  beside: Beside,
  folder: string,
  changed: readonly string[],
): Promise<string[]> {
  if (folder !== beside.folder) return [];
  const signatures = changed
    .flatMap((name) => SUFFIXES.map((suffix) => `${name}${suffix}`))
    .filter((name) => beside.names.includes(name));
  for (const name of signatures) await rm(join(folder, name), { force: true });
  return signatures.map((name) => `${name} was removed: it signed the old file`);
}

function findStale({ page, isOfFleet, folder }: Beside, { files }: Pick<ReleaseChange, 'files'>): string[] {
  const names = [...files.keys()];
  return [
    ...(page !== undefined && names.some((name) => page.includes(name))
      ? [`index.html: it shows the old image; make it again: wwanpi catalogue ${folder}`]
      : []),
    ...(isOfFleet
      ? ["the fleet: its next wwanpi fleet builds this image again, with the fleet file's settings"]
      : []),
  ];
}
