import { formatBytes } from '../../formats/units.ts';
import { hashBlob, type StepOptions } from './hash-blob.ts';
import { PageError } from './page-error.ts';
import type { ListedFile } from './receive-image.ts';

/** Why a file from the disk is not the listed one by its size; undefined if it may be. */
export function findSizeFault(chosen: File, { name, sizeBytes }: ListedFile): string | undefined {
  if (chosen.size === sizeBytes) return undefined;
  const sizes =
    formatBytes(chosen.size) === formatBytes(sizeBytes)
      ? `${chosen.size} bytes, not ${sizeBytes}`
      : `${formatBytes(chosen.size)}, not ${formatBytes(sizeBytes)}`;
  return `${chosen.name} is not ${name}: it has ${sizes}.`;
}

/**
 * Makes sure that a file from the disk is the listed one.
 * @throws PageError when it is not, or cannot be read
 */
export async function checkFile(chosen: File, file: ListedFile, options: StepOptions): Promise<void> {
  const fault = findSizeFault(chosen, file);
  if (fault !== undefined) throw new PageError(fault);
  const sha256 = await hashBlob(chosen, options);
  if (sha256 === file.sha256) return;
  throw new PageError(
    `${chosen.name} is not ${file.name}: it has another SHA-256 than the page says. It is damaged, or of another release.`,
  );
}
