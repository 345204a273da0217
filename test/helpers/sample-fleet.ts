import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReleaseFile } from '../../src/core/model.ts';
import { type FleetResult, formatFleetJson } from '../../src/fleet/fleet-state.ts';
import { mergeChecksums } from '../../src/formats/release-files/checksums.ts';
import { formatManifest } from '../../src/release/manifest.ts';
import { sha256Text } from '../../src/tools/files/hash.ts';

/** One image of a sample fleet. */
export interface SampleImage {
  readonly name: string;
  readonly carrier?: { readonly country: string; readonly provider: string; readonly plan?: string };
  readonly apn: string;
  readonly base?: string;
  readonly system?: string;
  readonly hostname?: string;
  readonly compression?: 'xz' | 'zst' | 'none';
  readonly failed?: boolean;
  /** Of the compressed image; without it the file is a hole. */
  readonly content?: Uint8Array;
}

/** What lies in the folder besides. */
export interface SampleOptions {
  /** The address of the images in the lists for Raspberry Pi Imager; without it there are no lists. */
  readonly imagerBase?: string;
  /** Whether each image has a list of its own too. */
  readonly imagerLists?: boolean;
  readonly signature?: string;
  /** false leaves out fleet.json, as builds one by one do. */
  readonly fleet?: boolean;
}

/**
 * Writes a folder as `wwanpi fleet` leaves it, by its own writers; only the images are holes of the right size, and so
 * their hashes are made up, unless an image has a content.
 */
export async function writeReleaseFolder(
  folder: string,
  images: readonly SampleImage[],
  options: SampleOptions = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const results: FleetResult[] = [];
  for (const image of images) results.push(await writeImage(folder, image));
  const files = results.flatMap((result) => result.files);
  const sums = files.map((file) => [file.name, file.sha256] as const);
  await writeFile(join(folder, 'SHA256SUMS'), mergeChecksums('', sums));
  const names = images.map(({ name }) => name);
  if (options.fleet !== false)
    await writeFile(join(folder, 'fleet.json'), formatFleetJson('1.0.0', names, results));
  if (options.signature !== undefined) await writeFile(join(folder, options.signature), 'a signature\n');
  const { imagerBase } = options;
  if (imagerBase !== undefined) {
    const list = (of: readonly FleetResult[]) =>
      JSON.stringify({
        os_list: of.map(({ name, files: [main] }) => ({ name, url: `${imagerBase}${main?.name}` })),
      });
    const finished = results.filter((result) => result.files.length > 0);
    await writeFile(join(folder, 'os_list.json'), list(finished));
    await writeFile(join(folder, 'fleet.rpi-imager-manifest'), list(finished));
    for (const result of options.imagerLists === true ? finished : []) {
      await writeFile(join(folder, `${result.name}.rpi-imager-manifest`), list([result]));
    }
  }
  return folder;
}

const CARD_BYTES = 1_866_465_280;
const PACKED_BYTES = 413_204_512;

async function writeImage(folder: string, image: SampleImage): Promise<FleetResult> {
  const { name, carrier, apn, base = 'raspbian-stretch', compression = 'xz' } = image;
  const common = { name, ...(carrier === undefined ? {} : { carrier }), apn, base, seconds: 2.5 };
  if (image.failed === true) return { ...common, files: [], verdict: 'failed', error: '/home/me: no room' };
  const raw = { name: `${name}.img`, sizeBytes: CARD_BYTES, sha256: sha256Text(name) };
  const manifest = formatManifest({
    wwanpiVersion: '1.0.0',
    image: { file: raw.name, sizeBytes: raw.sizeBytes, sha256: raw.sha256 },
    os: { id: 'raspbian', codename: 'stretch', prettyName: image.system ?? 'Raspbian GNU/Linux 9 (stretch)' },
    inputs: [],
    options: {
      apn,
      base,
      ...(carrier === undefined ? {} : { carrier: `${carrier.country}/${carrier.provider}` }),
      ...(image.hostname === undefined ? {} : { hostname: image.hostname }),
    },
    tools: [],
    packages: [],
    sourceDateEpoch: 1_554_681_600,
    changes: [],
  });
  const bmap = `block map of ${name}\n`;
  const sbom = `{"bomFormat":"CycloneDX","metadata":{"component":{"name":"${name}"}}}\n`;
  const packed = {
    name: `${raw.name}.${compression}`,
    sizeBytes: image.content?.length ?? PACKED_BYTES,
    sha256: sha256Text(image.content ?? `${name} packed`),
  };
  const main: ReleaseFile =
    compression === 'none' ? { ...raw, kind: 'image' } : { ...packed, kind: 'packed' };
  await writeFile(join(folder, main.name), image.content ?? '');
  await truncate(join(folder, main.name), main.sizeBytes);
  const texts = [
    { name: `${name}.bmap`, kind: 'bmap', text: bmap },
    { name: `${name}.manifest.json`, kind: 'manifest', text: manifest },
    { name: `${name}.sbom.json`, kind: 'sbom', text: sbom },
  ] as const;
  for (const { name: file, text } of texts) await writeFile(join(folder, file), text);
  const described = texts.map(({ text, ...file }) => ({
    ...file,
    sizeBytes: Buffer.byteLength(text),
    sha256: sha256Text(text),
  }));
  return { ...common, files: [main, ...described], verdict: 'built' };
}

/** Nine images of the kinds a real fleet has: several countries, a plan, a roaming SIM, an APN of no list. */
export const SAMPLE_IMAGES: readonly SampleImage[] = [
  { name: 'us-metropcs', carrier: { country: 'us', provider: 'MetroPCS' }, apn: 'fast.metropcs.com' },
  { name: 'us-att', carrier: { country: 'us', provider: 'AT&T', plan: 'Broadband' }, apn: 'broadband' },
  { name: 'us-google-fi', carrier: { country: 'us', provider: 'Google Fi' }, apn: 'h2g2' },
  {
    name: 'gb-ee',
    carrier: { country: 'gb', provider: 'EE', plan: 'EE Internet' },
    apn: 'everywhere',
    hostname: 'pi-ee',
  },
  {
    name: 'de-telekom',
    carrier: { country: 'de', provider: 'T-Mobile (Telekom)', plan: 'Default dualstack' },
    apn: 'internet.telekom',
  },
  { name: 'ax-alcom', carrier: { country: 'ax', provider: 'Ålcom' }, apn: 'internet' },
  {
    name: 'pl-lacznosc',
    carrier: { country: 'pl', provider: 'Łączność', plan: 'Młodzi' },
    apn: 'internet.pl',
  },
  { name: 'zz-hologram', carrier: { country: 'zz', provider: 'Hologram', plan: 'IoT SIM' }, apn: 'hologram' },
  { name: 'lab', apn: 'internet.example' },
];
