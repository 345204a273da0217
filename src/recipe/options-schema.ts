import { z } from 'zod';

const MAX_INT32 = 2_147_483_647;

const text = (what: string) => z.string(`needs ${what}`);
const list = (what: string) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(z.string(`needs ${what}`), `needs ${what}`),
  );
const wholeNumber = (what: string) =>
  z.preprocess(
    // Only plain digits: Number('') is 0 and Number('0x10') is 16.
    (value) => (typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value),
    z.number(`needs ${what}`).int(`needs ${what}`).min(0, `needs ${what}`).max(MAX_INT32, `needs ${what}`),
  );
const choice = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `must be one of ${values.join(', ')}`);

/**
 * The options that make a recipe, by the names yargs gives them (camel case). It holds their shape; what a
 * value must be like is `parseRecipe`'s. `describe` is the text of --help and of the JSON schema.
 */
export const optionsSchema = z.strictObject({
  apn: text(
    'an APN; your carrier names it, for example --apn fast.metropcs.com, or give --carrier us/metropcs',
  ).describe("the carrier's access point name"),
  apnUser: text('a user name').optional().describe('user name, for APNs that ask for one'),
  apnPassword: text('a password').optional().describe('password, for APNs that ask for one'),
  apnAuth: choice(['none', 'pap', 'chap', 'mschapv2'])
    .optional()
    .describe('how to authenticate [default: chap when a user is given]'),
  dns: list('addresses, or "none"')
    .optional()
    .describe('up to 3 name servers that come first, or "none" [default: 1.1.1.1 1.0.0.1]'),
  metric: wholeNumber(`a whole number from 0 to ${MAX_INT32}; the lowest metric wins`)
    .optional()
    .describe(
      'metric of the LTE default route; dhcpcd gives Ethernet 202 or 1002, Wi-Fi 303 or 3003 [default: 6000]',
    ),
  ndisdup: choice(['first-boot', 'every-boot', 'off'])
    .optional()
    .describe('when to send AT^NDISDUP to the stick [default: first-boot]'),
  pin: z
    .string('needs its digits in quotes: YAML and shells drop leading zeros')
    .optional()
    .describe("the SIM's PIN; stored for root only, tried once, never when one try is left"),
  supervisor: choice(['on', 'off']).optional().describe('keep the connection alive on the Pi [default: on]'),
  supervisorInterval: wholeNumber('seconds')
    .optional()
    .describe('seconds between two looks of the supervisor [default: 15]'),
  supervisorDeadAfter: wholeNumber('seconds')
    .optional()
    .describe('seconds without an answer until it acts [default: 60]'),
  supervisorReboot: z
    .union([z.literal('off'), wholeNumber('minutes, or "off"')], 'needs minutes, or "off"')
    .optional()
    .describe('minutes offline until it reboots the Pi [default: off]'),
  probe: list('addresses')
    .optional()
    .describe('IPv4 addresses it pings when wwan0 is quiet [default: 1.1.1.1 8.8.8.8]'),
  ssh: z.boolean('is a switch: --ssh or --no-ssh').optional().describe('turn the SSH server on'),
  sshKey: list('a public key').optional().describe('public key lines for the user pi; turns SSH on'),
  hostname: text('a host name').optional().describe("the Pi's host name"),
  password: text('a password').optional().describe("the user pi's password"),
  passwordHash: text('a hash').optional().describe('the same, hashed by: openssl passwd -6'),
  wifiSsid: text('a network name').optional().describe('a Wi-Fi network to join as well'),
  wifiPsk: text('a passphrase').optional().describe('its passphrase, or the 64 hex digits of its key'),
  wifiCountry: text('two letters').optional().describe('country the radio is used in, such as US'),
  base: text('a base name or file').optional().describe('base image'),
  name: text('a file name').optional().describe('name of the output files [default: wwanpi-BASE-APN]'),
  epoch: wholeNumber('seconds since 1970')
    .optional()
    .describe('time of every file written, in seconds since 1970 (SOURCE_DATE_EPOCH)'),
});

/** The options after their shape was checked; any may be missing where faults are still being collected. */
export type RawOptions = { readonly [K in keyof Options]?: Options[K] | undefined };

type Options = z.infer<typeof optionsSchema>;
