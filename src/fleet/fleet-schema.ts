import { z } from 'zod';
import { PACK_FORMATS } from '../recipe/packing.ts';

const text = (what: string) =>
  z.string(`needs ${what}; a number or yes/no stands in quotes`).min(1, `needs ${what}`);
const texts = (what: string) =>
  z.union([text(what), z.array(text(what)).min(1, `needs ${what}`)], `needs ${what}, or a list of them`);
const variable = z
  .string('needs the name of an environment variable')
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'needs the name of an environment variable, such as APN_PASSWORD')
  .optional()
  .describe('name of the environment variable that has it, to keep it out of this file');
const wholeNumber = z.int('needs a whole number').min(0, 'needs a whole number from 0 on');
const seconds = wholeNumber.optional();
const choice = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `must be one of ${values.join(', ')}`);

/** The options of `wwanpi build` as they stand in a fleet file: by their names on the command line, all optional. */
export const FLEET_OPTIONS = {
  carrier: text('a carrier')
    .optional()
    .describe('a carrier as wwanpi carriers lists it, such as us/metropcs'),
  apn: text('an APN').optional().describe("the carrier's access point name; wins over what the carrier has"),
  'apn-user': text('a user name').optional().describe('user name, for APNs that ask for one'),
  'apn-user-env': variable,
  'apn-password': text('a password').optional().describe('password, for APNs that ask for one'),
  'apn-password-env': variable,
  'apn-auth': choice(['none', 'pap', 'chap', 'mschapv2'])
    .optional()
    .describe('how to authenticate [chap when a user is given]'),
  ndisdup: choice(['first-boot', 'every-boot', 'off'])
    .optional()
    .describe('when to send AT^NDISDUP to the stick [first-boot]'),
  pin: z
    .string('needs its digits in quotes: YAML drops leading zeros')
    .optional()
    .describe("the SIM's PIN; the same for every image that gets it"),
  'pin-env': variable,
  base: text('a base')
    .optional()
    .describe('a named base, or an image file, relative to this file [raspbian-stretch]'),
  'libqmi-source': text('a file or folder')
    .optional()
    .describe('a libqmi tarball or source folder, relative to this file'),
  compress: choice(PACK_FORMATS)
    .optional()
    .describe('how to pack the image: xz, zstd or none, which keeps the .img alone [xz]'),
  level: wholeNumber
    .optional()
    .describe("the packer's level, 0 to 9 for xz, 1 to 19 for zstd [xz 6, zstd 3]"),
  'keep-image': z
    .boolean('is true or false')
    .optional()
    .describe('keep the .img beside the packed file [true]'),
  dns: texts('an address, or "none"')
    .optional()
    .describe('up to 3 name servers that come first, or "none" [1.1.1.1 1.0.0.1]'),
  metric: wholeNumber.optional().describe('metric of the LTE default route; the lowest wins [6000]'),
  hostname: text('a host name')
    .optional()
    .describe("the Pi's host name; {name} in it stands for the image's name, as pi-{name}"),
  ssh: z.boolean('is true or false').optional().describe('turn the SSH server on [on with ssh-key]'),
  'ssh-key': texts('a public key file')
    .optional()
    .describe('public key files to log in as pi with, relative to this file'),
  password: text('a password').optional().describe("the user pi's password"),
  'password-env': variable,
  'password-hash': text('a hash').optional().describe('the same, hashed by: openssl passwd -6'),
  'password-hash-env': variable,
  'wifi-ssid': text('a network name').optional().describe('a Wi-Fi network to join as well'),
  'wifi-psk': text('a passphrase').optional().describe('its passphrase, or the 64 hex digits of its key'),
  'wifi-psk-env': variable,
  supervisor: choice(['on', 'off']).optional().describe('keep the connection alive on the Pi [on]'),
  'supervisor-interval': seconds.describe('seconds between two looks of the supervisor [15]'),
  'supervisor-dead-after': seconds.describe('seconds without an answer until it acts [60]'),
  'supervisor-reboot': z
    .union([z.literal('off'), wholeNumber], 'needs minutes, or off')
    .optional()
    .describe('minutes offline until it reboots the Pi, or off [off]'),
  probe: texts('an address')
    .optional()
    .describe('IPv4 addresses it pings when the link is quiet [1.1.1.1 8.8.8.8]'),
  'wifi-country': text('two letters').optional().describe('country the radio is used in, such as US'),
};

/** A fleet file: YAML or JSON. */
export const fleetSchema = z
  .strictObject(
    {
      $schema: z.string().optional().describe('for editors; wwanpi schema prints the schema'),
      'url-base': z
        .string('needs an address, such as https://example.org/images')
        // What parseUrlBase takes: no user or password, nothing behind the folder.
        .regex(
          /^https?:\/\/[^/\s@?#]+(\/[^\s?#]*)?$/,
          'needs the address of a folder without user or password, such as https://example.org/images',
        )
        .optional()
        .describe("address of the folder the fleet is published in, for Raspberry Pi Imager's list of it"),
      defaults: z
        .strictObject(FLEET_OPTIONS, 'needs options, one a line')
        .optional()
        .describe('options of every image that does not give them itself'),
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
                .describe("name of the finished files; unique [the carrier's id or the APN, with hyphens]"),
              ...FLEET_OPTIONS,
            },
            'needs options, such as carrier: us/metropcs',
          ),
          'needs a list of images',
        )
        .min(1, 'needs at least one image')
        .describe('one entry an image'),
    },
    'needs images:, a list of images',
  )
  .meta({ title: 'wwanpi fleet', description: 'Images to make in one run of wwanpi fleet' });

/** A fleet file whose shape was checked. */
export type FleetFile = z.infer<typeof fleetSchema>;

/** The options of one image, or the defaults. */
export type FleetOptions = NonNullable<FleetFile['defaults']>;

/** The JSON Schema (draft 2020-12) of a fleet file, for editors and CI. */
export function formatFleetSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(fleetSchema, { io: 'input' }), undefined, 2)}\n`;
}
