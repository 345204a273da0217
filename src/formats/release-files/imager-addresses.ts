import { z } from 'zod';

/**
 * The addresses of the images in a list for Raspberry Pi Imager (os_list.json, or a .rpi-imager-manifest, which is the
 * same; doc/json-schema/os-list-schema.json of Imager 2.0.11), those in categories too.
 * @returns undefined when the text is no such list
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
