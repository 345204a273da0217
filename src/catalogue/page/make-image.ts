import type { CardValues } from '../../formats/card-settings/check.ts';
import { checkFile } from './check-file.ts';
import { hashBlob, type StepOptions } from './hash-blob.ts';
import { PageError } from './page-error.ts';
import { nameImage, patchImage } from './patch-image.ts';
import { type ListedFile, nameFile, type Reception, tooLittleRoom } from './receive-image.ts';

/** The image to begin with: to be received, or a file from the disk. */
export type Source = { readonly reception: Reception } | { readonly chosen: File };

/** What is made. */
export interface MadeImage {
  readonly name: string;
  readonly blob: Blob;
  readonly sha256: string;
}

/** What a run tells and obeys. */
export interface RunOptions extends StepOptions {
  /** Called when a step begins: what is done now. */
  readonly onStep: (text: string) => void;
}

/**
 * Makes the image: gets and checks the old one, changes its settings, computes the new SHA-256.
 * @param changes valid settings
 * @throws PageError, or what `signal` was aborted with
 */
export async function makeImage(
  file: ListedFile,
  source: Source,
  changes: CardValues,
  options: RunOptions,
): Promise<MadeImage> {
  try {
    const image = await getImage(file, source, options);
    const blob = await patchImage(image, changes);
    options.onStep('Computing the new SHA-256 …');
    const sha256 = await hashBlob(blob, options);
    return { name: nameImage(file.name, changes.get('apn') ?? ''), blob, sha256 };
  } catch (error) {
    options.signal.throwIfAborted();
    // Not the network, but the browser: what it kept cannot be read.
    if ('reception' in source && !(error instanceof PageError)) source.reception.forget();
    throw explain(error, file, 'chosen' in source);
  }
}

async function getImage(file: ListedFile, source: Source, options: RunOptions): Promise<Blob> {
  if ('reception' in source) {
    options.onStep(`Receiving ${nameFile(file)} …`);
    return source.reception.receive(options);
  }
  options.onStep(`Checking ${nameFile({ ...file, name: source.chosen.name })} …`);
  await checkFile(source.chosen, file, options);
  return source.chosen;
}

/** The errors of browsers, in words for the visitor. */
function explain(error: unknown, file: ListedFile, isChosen: boolean): unknown {
  if (error instanceof PageError) return error;
  if (error instanceof DOMException || error instanceof RangeError) {
    // Chromium notices that a blob found no room when it is read (NotReadableError).
    return isChosen
      ? new PageError(`The browser cannot read the file any more (${error.message}). Choose it again.`)
      : tooLittleRoom(file);
  }
  // What the modules of the command line throw, such as of an .xz that is damaged.
  return new PageError(`This image cannot be changed: ${error instanceof Error ? error.message : error}.`);
}
