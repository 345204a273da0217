import type { Issue } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { getChoices } from '../options/options.ts';

/** How a finished image is compressed for distribution. */
export interface Compression {
  readonly format: CompressionFormat;
  /** 0–9 for xz, 1–19 for zstd; unused without compression. */
  readonly level: number;
  /** Whether the .img is kept beside the compressed file. Without compression it is always kept. */
  readonly keepImage: boolean;
}

/** The values of `--compress`. */
export const COMPRESSION_FORMATS = getChoices('compress');
export type CompressionFormat = (typeof COMPRESSION_FORMATS)[number];

/** The levels of each format, and the default, which is that of xz(1) and zstd(1). */
const LEVELS = {
  xz: { lowest: 0, highest: 9, usual: 6 },
  // Above 19, zstd(1) needs --ultra, and decompression needs as much memory as compression.
  zstd: { lowest: 1, highest: 19, usual: 3 },
} as const;

/**
 * Bytes that are read, hashed and compressed at once. Larger blocks compress better, but every difference between two
 * images then recompresses more data: see test/bench/README.md.
 */
export const BLOCK_BYTES = 8 * 1024 * 1024;

/** The options as they are in argv or in a fleet file. */
export interface CompressionOptions {
  readonly compress?: unknown;
  readonly level?: unknown;
  readonly keepImage?: unknown;
}

/**
 * Checks the compression options.
 * @param issues receives the issues; the result is then a placeholder
 */
export function parseCompression(
  { compress, level, keepImage }: CompressionOptions,
  issues: Issue[],
): Compression {
  const format = COMPRESSION_FORMATS.find((name) => name === (compress ?? 'none'));
  if (format === undefined) {
    const message = `must be one of ${COMPRESSION_FORMATS.join(', ')}`;
    const hint = suggestNearest(String(compress), COMPRESSION_FORMATS);
    issues.push({ option: 'compress', value: String(compress), message, hint });
  }
  if (keepImage !== undefined && typeof keepImage !== 'boolean') {
    issues.push({ option: 'keep-image', message: 'must be true or false' });
  }
  const compression = { format: format ?? 'none', level: 0, keepImage: keepImage !== false };
  if (compression.format === 'none') {
    if (format === undefined) return compression;
    const message = 'needs {--compress} xz or {--compress} zstd';
    if (level !== undefined) issues.push({ option: 'level', message });
    if (!compression.keepImage) {
      issues.push({
        option: 'keep-image',
        message: 'can be false only with {--compress} xz or {--compress} zstd',
      });
    }
    return { ...compression, keepImage: true };
  }
  const { lowest, highest, usual } = LEVELS[compression.format];
  const number = level === undefined ? usual : readNumber(level);
  if (number === undefined || number < lowest || number > highest) {
    const message = `needs a whole number from ${lowest} to ${highest} for ${compression.format}`;
    issues.push({ option: 'level', message });
  }
  return { ...compression, level: number ?? usual };
}

/** The name of the compressed file: the image's name and the format's extension; undefined without compression. */
export function nameCompressed(imageName: string, format: CompressionFormat): string | undefined {
  return { xz: `${imageName}.xz`, zstd: `${imageName}.zst`, none: undefined }[format];
}

function readNumber(value: unknown): number | undefined {
  const text = String(value);
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}
