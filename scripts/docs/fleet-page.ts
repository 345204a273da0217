import { formatFleetSchema } from '../../src/fleet/fleet-schema.ts';
import { formatCode, formatTable, formatText, type GeneratedPage } from './markdown.ts';

/** As much of JSON Schema as a fleet file's has. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** docs/reference/fleet-file.md: every field of a fleet file, from the schema that `wwanpi schema` prints. */
export function makeFleetPage(): GeneratedPage {
  const schema = JSON.parse(formatFleetSchema()) as Schema;
  const { images, ...top } = schema.properties ?? {};
  const image = images?.items?.properties ?? {};
  const defaults = top.defaults?.properties ?? {};
  const own = Object.entries(image).filter(([name]) => defaults[name] === undefined);
  const text = [
    '# The fleet file',
    '',
    'A fleet file is YAML or JSON. It names the images that `wwanpi fleet` makes in one run.',
    '[Many carriers](../how-to/fleet.md) shows how to use one; `wwanpi schema` prints the JSON Schema behind this page.',
    '',
    '```yaml',
    'defaults:',
    '  base: raspbian-stretch',
    '  hostname: pi-{name}',
    'images:',
    '  - carrier: us/metropcs',
    '  - name: my-company',
    '    apn: internet.example',
    '    apn-user: fleet',
    '    apn-password-env: COMPANY_APN_PASSWORD',
    '```',
    '',
    '## The file',
    '',
    formatFields(
      Object.entries({ ...top, images: { type: 'list of images', ...describedBy(images) } }),
      schema.required,
    ),
    '## An image',
    '',
    'An image has these fields, and every field of `defaults`. What an image gives wins over `defaults`.',
    '',
    formatFields(own, []),
    '## Options, in `defaults` or with an image',
    '',
    'They are the options of [`wwanpi build`](commands.md#wwanpi-build) without the dashes. A field that ends in `-env` names an environment',
    'variable that holds the value, so that no secret is in the file. Paths are relative to the fleet file; `~` is your home folder.',
    '',
    formatFields(Object.entries(defaults), []),
    '## The project file',
    '',
    '`wwanpi build` reads the file `wwanpi.yaml` of the folder where it runs. It is one image: it has `name` and the options above, at its top,',
    'and neither `defaults` nor `images`. Options of the command line win, and so do the variables of',
    '[secrets](environment.md). [Options in a file](../how-to/project-file.md) shows how to use one.',
    '',
    '```yaml',
    'carrier: us/metropcs',
    'base: debian-bookworm',
    'ssh-key: ~/.ssh/id_ed25519.pub',
    'password-env: PI_PASSWORD',
    '```',
    '',
    '## Editors',
    '',
    'Many editors check and complete a fleet file whose first line is',
    '`# yaml-language-server: $schema=./fleet.schema.json`, with the schema beside it:',
    '',
    '```sh',
    'wwanpi schema > fleet.schema.json',
    '```',
  ].join('\n');
  return { path: 'reference/fleet-file.md', from: ['src/fleet/fleet-schema.ts'], text };
}

function describedBy(schema: Schema | undefined): Schema {
  return schema?.description === undefined ? {} : { description: schema.description };
}

function formatFields(
  fields: readonly (readonly [string, Schema])[],
  required: readonly string[] = [],
): string {
  return formatTable(
    ['field', 'value', 'meaning'],
    fields.map(([name, schema]) => [
      `${formatCode(name)}${required.includes(name) ? ' (required)' : ''}`,
      describeType(schema),
      formatText(schema.description ?? ''),
    ]),
  );
}

function describeType({ type, enum: values, const: value, anyOf, items }: Schema): string {
  if (values !== undefined) return values.map(formatCode).join(', ');
  if (value !== undefined) return formatCode(value);
  if (anyOf !== undefined) return [...new Set(anyOf.map(describeType))].join(' or ');
  if (type === 'array') return `list of ${describeType(items ?? {})}s`;
  return (
    { string: 'text', integer: 'whole number', boolean: 'true or false', object: 'options' }[type ?? ''] ??
    type ??
    ''
  );
}
