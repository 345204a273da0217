import { z } from 'zod';

/** What a NAME.manifest.json tells of its image to those who look for one. */
export interface ManifestSummary {
  readonly image: { readonly file: string; readonly sizeBytes: number };
  /** os-release's PRETTY_NAME. */
  readonly system: string;
  readonly sourceDateEpoch: number;
  readonly apn: string;
  readonly base: string;
  /** As --carrier was given: `gb/ee`. */
  readonly carrier: string | undefined;
  readonly hostname: string | undefined;
}

/** Reads a manifest's text (`formatManifest`); undefined when it is none. What it has besides is left alone. */
export function parseManifestSummary(text: string): ManifestSummary | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { success, data } = manifestSchema.safeParse(json);
  if (!success) return undefined;
  const { image, os, sourceDateEpoch, options } = data;
  return {
    image,
    system: os.prettyName,
    sourceDateEpoch,
    apn: options.apn,
    // Builds without --base are of the default one, which their manifest then does not name.
    base: options.base ?? 'raspbian-stretch',
    carrier: options.carrier,
    hostname: options.hostname,
  };
}

/** ECMA-262, 21.4.1.1: the last second a Date can hold. */
const LAST_SECOND = 8.64e12;

const manifestSchema = z.object({
  format: z.literal(1),
  image: z.object({ file: z.string(), sizeBytes: z.int().nonnegative() }),
  os: z.object({ prettyName: z.string() }),
  sourceDateEpoch: z.int().nonnegative().max(LAST_SECOND),
  options: z.object({
    apn: z.string(),
    base: z.string().optional(),
    carrier: z.string().optional(),
    hostname: z.string().optional(),
  }),
});
