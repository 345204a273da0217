import type { Issue } from '../formats/issues.ts';
import { getChoices } from '../options/options.ts';

/** How a finished image is packed for its way to other people. */
export interface Compression {
  readonly format: CompressionFormat;
  /** 0–9 for xz, 1–19 for zstd; unused where nothing is packed. */
  readonly level: number;
  /** Whether the .img stays beside the packed file. Without a packed file it always does. */
  readonly keepImage: boolean;
}

/** What `--compress` takes. */
export const PACK_FORMATS = getChoices('compress');
export type CompressionFormat = (typeof PACK_FORMATS)[number];

/** The levels each format has, and the one that counts where none is given: each program's own default. */
const LEVELS = {
  xz: { lowest: 0, highest: 9, usual: 6 },
  // Above 19, zstd(1) needs --ultra, and whoever unpacks needs as much memory.
  zstd: { lowest: 1, highest: 19, usual: 3 },
} as const;

/**
 * What is read, hashed and compressed at once. Larger blocks make the .xz smaller, and each place that differs between
 * two images dearer: see test/bench/README.md.
 */
export const BLOCK_BYTES = 8 * 1024 * 1024;

/** As they stand in argv or in a fleet file. */
export interface PackingOptions {
  readonly compress?: unknown;
  readonly level?: unknown;
  readonly keepImage?: unknown;
}

/**
 * Checks the options that say how to pack.
 * @param issues gets what is wrong; the result then stands in for the real one
 */
export function parseCompression(
  { compress, level, keepImage }: PackingOptions,
  issues: Issue[],
): Compression {
  const format = PACK_FORMATS.find((name) => name === (compress ?? 'none'));
  if (format === undefined) {
    issues.push({ option: 'compress', message: `must be one of ${PACK_FORMATS.join(', ')}` });
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

/** The packed file's name: the image's and what its format is known by; undefined where nothing is packed. */
export function nameCompressed(imageName: string, format: CompressionFormat): string | undefined {
  return { xz: `${imageName}.xz`, zstd: `${imageName}.zst`, none: undefined }[format];
}

function readNumber(value: unknown): number | undefined {
  const text = String(value);
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}
