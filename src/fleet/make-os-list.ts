import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { findBase, findDownload } from '../base/bases.ts';
import { findTarget } from '../base/targets.ts';
import { VerificationError } from '../core/errors.ts';
import { ARCHITECTURES, findMainFile } from '../core/model.ts';
import { formatOsList, type OfferedImage } from '../formats/release-files/os-list.ts';
import type { FleetResult } from './fleet-state.ts';

/**
 * Makes the list of a fleet's finished images for Raspberry Pi Imager from the manifests in the folder.
 * @param urlBase the URL of the published folder; without it the list has paths of this machine
 * @returns undefined if there is no image
 * @throws VerificationError when a manifest was changed after wwanpi wrote it
 */
export async function makeOsList(
  folder: string,
  results: readonly FleetResult[],
  urlBase: string | undefined,
): Promise<string | undefined> {
  const images = await Promise.all(results.map((result) => describeImage(folder, result, urlBase)));
  const offered = images.filter((image) => image !== undefined);
  return offered.length === 0 ? undefined : formatOsList(offered);
}

/** The URL of a file in a folder; special characters of its name are escaped. */
export function fileUrl(folder: string, urlBase: string | undefined, name: string): string {
  if (urlBase === undefined) return pathToFileURL(join(folder, name)).href;
  return new URL(encodeURIComponent(name), urlBase.endsWith('/') ? urlBase : `${urlBase}/`).href;
}

async function describeImage(
  folder: string,
  { files, carrier, apn, name, base }: FleetResult,
  urlBase: string | undefined,
): Promise<OfferedImage | undefined> {
  const main = findMainFile(files);
  const manifestFile = files.find((file) => file.kind === 'manifest');
  if (main === undefined || manifestFile === undefined) return undefined;
  const { image, os, sourceDateEpoch, inputs } = await readManifest(join(folder, manifestFile.name));
  const { architecture = 'armhf' } = os;
  const known = findBase(base) ?? findDownload(inputs.map(({ sha256 }) => sha256));
  const bmap = files.find((file) => file.kind === 'bmap');
  const title =
    carrier === undefined
      ? name
      : [carrier.provider, carrier.plan].filter((part) => part !== undefined).join(', ');
  return {
    name: title,
    description: `${os.prettyName}, online over a USB LTE modem with the APN ${apn}`,
    country: carrier?.country,
    url: fileUrl(folder, urlBase, main.name),
    bmapUrl: bmap === undefined ? undefined : fileUrl(folder, urlBase, bmap.name),
    downloadBytes: main.sizeBytes,
    downloadSha256: main.sha256,
    extractBytes: image.sizeBytes,
    extractSha256: image.sha256,
    releaseSeconds: sourceDateEpoch,
    models: known?.models ?? findTarget(os, architecture).models,
    architecture,
    // What takes Imager's settings in another base is not known.
    initFormat: known?.initFormat ?? 'none',
  };
}

const manifestSchema = z.object({
  image: z.object({ sizeBytes: z.number(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  os: z.object({
    id: z.string(),
    codename: z.string(),
    prettyName: z.string(),
    architecture: z.enum(ARCHITECTURES).optional(),
  }),
  sourceDateEpoch: z.number(),
  inputs: z.array(z.object({ sha256: z.string() })),
});

async function readManifest(path: string): Promise<z.infer<typeof manifestSchema>> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new VerificationError(`${path} is not a manifest of wwanpi`, { cause: error });
  }
}
