import { z } from 'zod';
import { ARCHITECTURES, type Architecture } from '../../core/model.ts';

/** The fields of a NAME.manifest.json that describe its image to people who choose one. */
export interface ManifestSummary {
  readonly image: { readonly file: string; readonly sizeBytes: number };
  /** os-release's PRETTY_NAME. */
  readonly system: string;
  /** os-release's ID and VERSION_CODENAME. */
  readonly release: { readonly id: string; readonly codename: string };
  readonly architecture: Architecture;
  readonly login: ManifestLogin;
  readonly sourceDateEpoch: number;
  readonly apn: string;
  readonly base: string;
  /** The value of --carrier: `gb/ee`. */
  readonly carrier: string | undefined;
  readonly hostname: string | undefined;
}

/** What the user of an image can log in with, as far as the options of its build say. */
export interface ManifestLogin {
  /** Undefined: the base's user. */
  readonly user: string | undefined;
  readonly hasKey: boolean;
  readonly hasPassword: boolean;
}

/** A manifest's `os`. Without an architecture it is of a time when all images were for armhf. */
export const manifestOs = z.object({
  prettyName: z.string(),
  id: z.string(),
  codename: z.string(),
  architecture: z.enum(ARCHITECTURES).default('armhf'),
});

/** Reads a manifest's text (`formatManifest`); undefined if it is not one. Other fields are ignored. */
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
    release: { id: os.id, codename: os.codename },
    architecture: os.architecture,
    login: {
      user: options.user,
      hasKey: (options.sshKeys?.length ?? 0) > 0,
      hasPassword: options.password !== undefined || options.passwordHash !== undefined,
    },
    sourceDateEpoch,
    apn: options.apn,
    // The manifest of a build without --base does not name the base: it is the default.
    base: options.base ?? 'raspbian-stretch',
    carrier: options.carrier,
    hostname: options.hostname,
  };
}

/** ECMA-262, 21.4.1.1: the last second of a Date. */
const LAST_SECOND = 8.64e12;

const manifestSchema = z.object({
  format: z.literal(1),
  image: z.object({ file: z.string(), sizeBytes: z.int().nonnegative() }),
  os: manifestOs,
  sourceDateEpoch: z.int().nonnegative().max(LAST_SECOND),
  options: z.object({
    apn: z.string(),
    base: z.string().optional(),
    carrier: z.string().optional(),
    hostname: z.string().optional(),
    user: z.string().optional(),
    sshKeys: z.array(z.unknown()).optional(),
    password: z.unknown().optional(),
    passwordHash: z.unknown().optional(),
  }),
});
