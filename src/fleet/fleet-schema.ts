import { z } from 'zod';
import { describeInFleet } from '../options/describe-option.ts';
import type { OptionEntry, ValueOf } from '../options/option.ts';
import { type FleetEntryOption, listFleetOptions } from '../options/options.ts';

const text = (what: string) =>
  z.string(`needs ${what}; a number or yes/no stands in quotes`).min(1, `needs ${what}`);
const wholeNumber = z.int('needs a whole number').min(0, 'needs a whole number from 0 on');

/**
 * The options of one image, or the defaults, by their names on the command line; all optional. For some, NAME-env
 * names the environment variable with the value.
 */
export type FleetOptions = {
  readonly [E in FleetEntryOption as E['name']]?: FleetValueOf<E> | undefined;
} & {
  readonly [E in Extract<
    FleetEntryOption,
    { readonly fleet: { readonly variable: true } }
  > as `${E['name']}-env`]?: string | undefined;
};

type FleetValueOf<Entry extends FleetEntryOption> = Entry extends { readonly type: 'list' }
  ? string | string[]
  : ValueOf<Entry>;

/** The keys of an image or of the defaults, made from the table of options. */
export const FLEET_OPTIONS = Object.fromEntries(listFleetOptions().flatMap(makeKeys)) as unknown as {
  readonly [Key in keyof FleetOptions]-?: z.ZodOptional<z.ZodType<NonNullable<FleetOptions[Key]>>>;
};

/** A fleet file: YAML or JSON. */
export const fleetSchema = z
  .strictObject(
    {
      $schema: z.string().optional().describe('For editors; wwanpi schema prints the schema'),
      'url-base': z
        .string('needs an address, such as https://example.org/images')
        // As parseUrlBase: no user or password, and no query or fragment.
        .regex(
          /^https?:\/\/[^/\s@?#]+(\/[^\s?#]*)?$/,
          'needs the address of a folder without user or password, such as https://example.org/images',
        )
        .optional()
        .describe('URL of the published directory, for the list of Raspberry Pi Imager'),
      defaults: z
        .strictObject(FLEET_OPTIONS, 'needs options, one per line')
        .optional()
        .describe('Options of every image that does not set them itself'),
      images: z
        .array(
          z.strictObject(
            {
              name: text('a file name')
                .regex(
                  /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
                  'needs up to 128 letters, digits, ".", "_" and "-"',
                )
                .optional()
                .describe("Name of the output files; unique [the carrier's id or the APN, with hyphens]"),
              ...FLEET_OPTIONS,
            },
            'needs options, such as carrier: us/metropcs',
          ),
          'needs a list of images',
        )
        .min(1, 'needs at least one image')
        .describe('One entry per image'),
    },
    'needs images:, a list of images',
  )
  .meta({ title: 'wwanpi fleet', description: 'Images to build in one run of wwanpi fleet' });

/** A fleet file whose shape was checked. */
export type FleetFile = z.infer<typeof fleetSchema>;

/** The JSON Schema (draft 2020-12) of a fleet file, for editors and CI. */
export function formatFleetSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(fleetSchema, { io: 'input' }), undefined, 2)}\n`;
}

function makeKeys(option: OptionEntry): [key: string, schema: z.ZodType][] {
  const { name, fleet } = option;
  const value = makeValueSchema(option).optional().describe(describeInFleet(option));
  const variable = z
    .string('needs the name of an environment variable')
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'needs the name of an environment variable, such as APN_PASSWORD')
    .optional()
    .describe(`Name of the environment variable with the value of ${name}`);
  return fleet?.variable === true
    ? [
        [name, value],
        [`${name}-env`, variable],
      ]
    : [[name, value]];
}

function makeValueSchema({ type, choices, needs = 'a value' }: OptionEntry): z.ZodType {
  switch (type) {
    case 'switch':
      return z.boolean('must be true or false');
    case 'list': {
      const each = text(needs);
      const several = z.array(each).min(1, `needs ${needs}`);
      return z.union([each, several], `needs ${needs}`);
    }
    case 'number':
      if (choices === undefined) return wholeNumber;
      return z.union([z.literal(choices), wholeNumber], `needs ${needs}, or ${choices.join(', ')}`);
    case 'text':
      if (choices === undefined) return text(needs);
      return z.enum(choices, `must be one of ${choices.join(', ')}`);
  }
}
