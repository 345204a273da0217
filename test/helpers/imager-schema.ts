import { Ajv } from 'ajv';

const text = { type: 'string', minLength: 1 } as const;
const texts = { type: 'array', items: text } as const;
const bytes = { type: 'integer', minimum: 1 } as const;
const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;
/** What Imager fetches: it takes no relative address. */
const address = { type: 'string', pattern: '^(https?://[^/]+/|file:///)' } as const;

/**
 * What Raspberry Pi Imager 2.0 takes as a list, in our own words: the required keys of its doc/json-schema, and what
 * its code needs besides (src/hwlistmodel.cpp, src/oslistmodel.cpp, src/imagewriter.cpp). Unknown keys are allowed in
 * entries, not at the top.
 */
const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['imager', 'os_list'],
  properties: {
    imager: {
      type: 'object',
      additionalProperties: false,
      // Without devices, the step in which the Pi is chosen has none.
      required: ['devices'],
      properties: {
        devices: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            required: ['name', 'description', 'tags'],
            properties: {
              name: text,
              description: text,
              tags: texts,
              matching_type: { enum: ['exclusive', 'inclusive'] },
              architecture: { enum: ['armel', 'armhf', 'armv8'] },
            },
          },
        },
      },
    },
    os_list: { $ref: '#/definitions/list' },
  },
  definitions: {
    list: {
      type: 'array',
      minItems: 1,
      items: {
        // An entry is a group where it has subitems, else an image.
        if: { type: 'object', required: ['subitems'] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: {
          type: 'object',
          required: ['name', 'description', 'subitems'],
          properties: { name: text, description: text, icon: text, subitems: { $ref: '#/definitions/list' } },
        },
        else: { $ref: '#/definitions/image' },
      },
    },
    image: {
      type: 'object',
      required: [
        ...['name', 'description', 'icon', 'url', 'extract_size', 'extract_sha256'],
        ...['image_download_size', 'release_date', 'devices'],
      ],
      properties: {
        name: text,
        description: text,
        icon: { type: 'string', pattern: '^(icons/|https?://|file:///)' },
        url: address,
        bmap_url: address,
        extract_size: bytes,
        extract_sha256: sha256,
        image_download_size: bytes,
        image_download_sha256: sha256,
        release_date: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
        // An entry with another value is dropped.
        init_format: { enum: ['', 'none', 'systemd', 'cloudinit', 'cloudinit-rpi', 'rpi-preseed'] },
        architecture: { enum: ['armel', 'armhf', 'armv8'] },
        // Without any, an entry is hidden once a Pi is chosen.
        devices: { ...texts, minItems: 1 },
      },
    },
  },
} as const;

/** The check, compiled. Call it; its `errors` say what is wrong. */
export function compileImagerSchema() {
  return new Ajv({ strict: true, strictRequired: false }).compile(SCHEMA);
}
