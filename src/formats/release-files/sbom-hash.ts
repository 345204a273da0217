import { createHash } from 'node:crypto';
import { z } from 'zod';

/** An image's UUID: the custom version 8 of RFC 9562, from a hash, so the same image has the same UUID. */
export function deriveUuid(sha256: string): string {
  const bytes = createHash('sha256').update(`wwanpi sbom ${sha256}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * The text of an SBOM of wwanpi for the image with another hash; the packages are the same.
 * @returns undefined if it is not an SBOM of wwanpi
 */
export function replaceSbomHash(text: string, imageSha256: string): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { data } = sbomSchema.safeParse(json);
  const [old] = data?.metadata.component.hashes ?? [];
  if (old === undefined || !text.includes(deriveUuid(old.content))) return undefined;
  return text
    .replaceAll(old.content, imageSha256)
    .replaceAll(deriveUuid(old.content), deriveUuid(imageSha256));
}

const sbomSchema = z.object({
  metadata: z.object({
    component: z.object({ hashes: z.array(z.object({ content: z.string().regex(/^[0-9a-f]{64}$/) })) }),
  }),
});
