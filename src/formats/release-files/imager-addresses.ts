import { z } from 'zod';

/**
 * The addresses of all images in a list for Raspberry Pi Imager, also in its categories. os_list.json and
 * .rpi-imager-manifest have the same form (doc/json-schema/os-list-schema.json of Imager 2.0.11).
 * @returns undefined if the text is not such a list
 */
export function listImagerAddresses(text: string): string[] | undefined {
  try {
    const parsed = listSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data.os_list.flatMap(getAddresses) : undefined;
  } catch {
    return undefined;
  }
}

interface Entry {
  readonly url?: string | undefined;
  readonly subitems?: readonly Entry[] | undefined;
}

const entrySchema: z.ZodType<Entry> = z.lazy(() =>
  z.object({ url: z.string().optional(), subitems: z.array(entrySchema).optional() }),
);

const listSchema = z.object({ os_list: z.array(entrySchema) });

function getAddresses({ url, subitems }: Entry): string[] {
  return [...(url === undefined ? [] : [url]), ...(subitems ?? []).flatMap(getAddresses)];
}
