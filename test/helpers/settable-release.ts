import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../src/core/context.ts';
import type { FileChange } from '../../src/core/model.ts';
import { formatFleetJson } from '../../src/fleet/fleet-state.ts';
import { makeOsList } from '../../src/fleet/make-os-list.ts';
import { formatCardText } from '../../src/formats/card-settings/card-text.ts';
import type { CardKey } from '../../src/formats/card-settings/keys.ts';
import { BMAP_BLOCK_BYTES, formatBmap } from '../../src/formats/release-files/bmap.ts';
import { formatSbom } from '../../src/formats/release-files/sbom.ts';
import { compressImage } from '../../src/release/compress-image.ts';
import { findCardRange } from '../../src/release/find-card-range.ts';
import { createRangeHasher } from '../../src/release/hash-ranges.ts';
import { formatManifest } from '../../src/release/manifest.ts';
import { mapDisk } from '../../src/release/map-disk.ts';
import { makeImage } from './image.ts';

/** The APN of the image that `makeSettableRelease` makes. */
export const OLD_APN = 'internet';

const OS = { id: 'raspbian', codename: 'stretch', prettyName: 'Raspbian GNU/Linux 9 (stretch)' };
const INPUT = { name: 'base', sha256: '2'.repeat(64), origin: 'https://example.org/a.zip', pinned: true };

/**
 * A release folder of an image of 40 MB with a wwanpi.txt, as a fleet leaves it: a.img, a.img.xz, a.bmap, manifest, SBOM,
 * lists, fleet.json and SHA256SUMS. It is the context's temporary folder.
 * @param values of wwanpi.txt, besides the APN
 */
export async function makeSettableRelease(
  context: Context,
  values: Partial<Record<CardKey, string>> = {},
): Promise<string> {
  const folder = context.tmpDir;
  const all = { apn: OLD_APN, dns: '1.1.1.1 1.0.0.1', metric: '6000', ...values };
  const content = formatCardText(new Map(Object.entries(all) as [CardKey, string][]));
  const boot = { '/config.txt': 'x', '/wwanpi.txt': content, '/cmdline.txt': 'x' };
  const disk = await makeImage(context, 'a.img', { boot, root: { '/etc/noise': 'noise\n'.repeat(9000) } });
  const hasher = createRangeHasher(await mapDisk(disk));
  const compression = { format: 'xz', level: 0, keepImage: true } as const;
  const range = await findCardRange(disk);
  const { image } = await compressImage(
    context,
    disk.path,
    compression,
    `${disk.path}.xz`,
    [hasher.consume],
    range,
  );
  const map = { imageSizeBytes: image.sizeBytes, blockSizeBytes: BMAP_BLOCK_BYTES, ranges: hasher.finish() };
  await writeFile(join(folder, 'a.bmap'), formatBmap(map));
  const meta = { mode: 0o644, uid: 0, gid: 0 };
  const change: FileChange = {
    kind: 'file',
    path: '/boot/wwanpi.txt',
    stage: 'card-settings',
    content,
    ...meta,
  };
  await writeFile(
    join(folder, 'a.manifest.json'),
    formatManifest({
      ...{ wwanpiVersion: '0.1.0', image: { file: 'a.img', ...image }, os: OS, inputs: [INPUT] },
      options: { apn: OLD_APN, carrier: 'de/telekom', sshKeys: [] },
      ...{ tools: [], packages: [], sourceDateEpoch: 1_500_000_000, changes: [change] },
    }),
  );
  await writeFile(
    join(folder, 'a.sbom.json'),
    formatSbom({
      ...{ wwanpiVersion: '0.1.0', name: 'a', imageSha256: image.sha256, os: OS, dpkgStatus: '' },
      ...{ ownPackages: [], base: INPUT, libqmiSource: { ...INPUT, version: '1.16.0' }, epochSeconds: 1 },
    }),
  );
  const kinds = {
    'a.img': 'image',
    'a.img.xz': 'packed',
    'a.bmap': 'bmap',
    'a.manifest.json': 'manifest',
    'a.sbom.json': 'sbom',
  } as const;
  const files = await Promise.all(
    Object.entries(kinds).map(async ([name, kind]) => ({
      name,
      kind,
      ...(await describeFile(folder, name)),
    })),
  );
  const result = {
    ...{ name: 'a', carrier: { country: 'de', provider: 'Telekom' }, apn: OLD_APN, base: 'raspbian-stretch' },
    ...{ files, seconds: 1, verdict: 'built' as const },
  };
  await writeFile(join(folder, 'fleet.json'), formatFleetJson('0.1.0', ['a'], [result]));
  await writeFile(
    join(folder, 'os_list.json'),
    (await makeOsList(folder, [result], 'https://example.org/')) ?? '',
  );
  await writeFile(join(folder, 'index.html'), `<p>a.img.xz`);
  const sums = await Promise.all(
    [...Object.keys(kinds), 'os_list.json'].map(
      async (name) => `${(await describeFile(folder, name)).sha256}  ${name}\n`,
    ),
  );
  await writeFile(join(folder, 'SHA256SUMS'), sums.sort().join(''));
  return folder;
}

/** Size and hash of a file. */
export async function describeFile(
  folder: string,
  name: string,
): Promise<{ sizeBytes: number; sha256: string }> {
  const bytes = await readFile(join(folder, name));
  return { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Every file of a folder, as text of one byte a character; the cache left out. */
export async function readFolder(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  const entries = names.map(
    async ({ name }) => [name, await readFile(join(folder, name), 'latin1')] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
