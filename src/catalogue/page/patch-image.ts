import { findCardPlace, patchCardPlace } from '../../formats/card-settings/card-place.ts';
import {
  editCardText,
  findNewValues,
  formatCardFault,
  parseCardText,
  readCardText,
} from '../../formats/card-settings/card-text.ts';
import type { CardValues } from '../../formats/card-settings/check.ts';
import { PageError } from './page-error.ts';

/**
 * An image with other settings in its wwanpi.txt. It refers to the bytes of the old one and holds only those that change.
 * @param changes valid settings
 * @throws PageError when the image has no settings that can be changed so, or has no room for these
 */
export async function patchImage(image: Blob, changes: CardValues): Promise<Blob> {
  const read = async (offsetBytes: number, lengthBytes: number) => {
    const part = image.slice(offsetBytes, offsetBytes + lengthBytes);
    if (part.size !== lengthBytes) throw new PageError('The image is damaged: it is cut short.');
    return new Uint8Array(await part.arrayBuffer());
  };
  const place = await findCardPlace(image.size, read);
  if (place === undefined) {
    throw new PageError('This image has no settings that can be changed here: an older wwanpi made it.');
  }
  // As `wwanpi set` does: a line that says the same already stays as it is.
  const wanted = findNewValues(parseCardText(place.content).values, changes);
  const content = editCardText(place.content, wanted);
  if (content.length !== place.content.length) {
    throw new PageError('The image has no room for settings that long.');
  }
  const [fault] = readCardText(content).faults;
  if (fault !== undefined) {
    throw new PageError(`These settings do not fit those that the image has: ${formatCardFault(fault)}.`);
  }
  const parts: (Blob | Uint8Array<ArrayBuffer>)[] = [];
  let at = 0;
  for (const { offsetBytes, bytes } of patchCardPlace(place, content)) {
    parts.push(image.slice(at, offsetBytes), Uint8Array.from(bytes));
    at = offsetBytes + bytes.length;
  }
  return new Blob([...parts, image.slice(at)], { type: image.type });
}

/** The name of a new image: that of the old one, and its APN with only the characters that a file's name should have. */
export function nameImage(file: string, apn: string): string {
  const [suffix = ''] = /\.img(\.xz)?$/.exec(file) ?? [];
  const name = file.slice(0, file.length - suffix.length);
  return `${name}-${apn.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}${suffix}`;
}
