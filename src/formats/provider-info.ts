import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { InputError } from '../core/errors.ts';

/** One APN of one carrier, from a database of carriers. */
export interface ProviderApn {
  /** ISO 3166-1 alpha-2, lower case: `us`. */
  readonly country: string;
  readonly countryName: string;
  /** The carrier's name, in Latin script if there is one. */
  readonly provider: string;
  /** Its names in other languages. */
  readonly otherNames: readonly string[];
  readonly apn: string;
  /** The carrier's name for this access, such as "T-Mobile LTE"; undefined if it has none. */
  readonly plan: string | undefined;
  readonly planTypes: readonly PlanType[];
  /** `internet`, `mms`, `wap`, `mms-internet-hipri` …; `internet` if the database has none. */
  readonly usage: string;
  readonly auth: 'pap' | 'chap' | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly dns: readonly string[];
}

/** How the account is paid. */
export type PlanType = 'prepaid' | 'postpaid';

/**
 * The GSM access points of GNOME's mobile-broadband-provider-info (serviceproviders.xml, format 2.0; its DTD is
 * serviceproviders.2.dtd). CDMA carriers have none. An empty user name or password there means none.
 * @throws InputError when it is not such a document
 */
export function parseProviderInfo(xml: string): ProviderApn[] {
  const valid = XMLValidator.validate(xml);
  if (valid !== true) {
    const { msg, line, col } = valid.err;
    throw new InputError(`the carrier database is damaged: ${msg} (line ${line}, column ${col})`);
  }
  const parsed = documentSchema.safeParse(parseXml(xml));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: '' };
    throw new InputError(`the carrier database is not as expected at ${path.join('.')}: ${message}`);
  }
  return parsed.data.serviceproviders.country.flatMap((country) =>
    country.provider.flatMap((provider) =>
      (provider.gsm?.apn ?? []).map((apn) => {
        const [name, ...otherNames] = sortNames(provider.name);
        return {
          country: country['@code'].toLowerCase(),
          countryName: sortNames(country.name)[0] ?? country['@code'],
          provider: name ?? '',
          otherNames,
          apn: apn['@value'],
          plan: sortNames(apn.name)[0],
          planTypes: apn.plan.map((plan) => plan['@type']),
          usage: apn.usage[0]?.['@type'] ?? 'internet',
          auth: apn.authentication?.['@method'],
          user: apn.username === '' ? undefined : apn.username,
          password: apn.password === '' ? undefined : apn.password,
          dns: apn.dns.map((address) => address.trim()),
        };
      }),
    ),
  );
}

/** The validator lets some things by that the parser then throws at, such as a `<?` without its end. */
function parseXml(xml: string): unknown {
  try {
    return parser.parse(xml);
  } catch (error) {
    throw new InputError(`the carrier database is damaged: ${(error as Error).message}`, { cause: error });
  }
}

const LISTS = ['country', 'provider', 'name', 'apn', 'plan', 'usage', 'dns'];

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  // An APN or password of digits must stay text.
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (name) => LISTS.includes(name),
});

const nameSchema = z.union([
  z.string().transform((text) => ({ text, language: undefined })),
  z
    .object({ '#text': z.string(), '@xml:lang': z.string().optional() })
    .transform((name) => ({ text: name['#text'], language: name['@xml:lang'] })),
]);
type Name = z.infer<typeof nameSchema>;

/** The parser returns '' for an empty element; this reads it as an element without content. */
const element = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? {} : value), schema);

const apnSchema = z.object({
  '@value': z.string(),
  name: z.array(nameSchema).default([]),
  plan: z.array(z.object({ '@type': z.enum(['prepaid', 'postpaid']) })).default([]),
  usage: z.array(z.object({ '@type': z.string() })).default([]),
  authentication: z.object({ '@method': z.enum(['pap', 'chap']) }).optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  dns: z.array(z.string()).default([]),
});

const documentSchema = z.object({
  serviceproviders: z.object({
    country: z
      .array(
        z.object({
          '@code': z.string().regex(/^[A-Za-z]{2}$/),
          name: z.array(nameSchema),
          provider: z
            .array(
              z.object({
                name: z.array(nameSchema).min(1),
                gsm: element(z.object({ apn: z.array(apnSchema).default([]) })).optional(),
              }),
            )
            .default([]),
        }),
      )
      .default([]),
  }),
});

/** Puts the name without a language first: it is the Latin one. */
function sortNames(names: readonly Name[]): string[] {
  return names
    .toSorted((a, b) => Number(a.language !== undefined) - Number(b.language !== undefined))
    .map((name) => name.text);
}
