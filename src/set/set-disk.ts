import { InputError } from '../core/errors.ts';
import { CARD_FILE, type CardPlace, findCardPlace } from '../formats/card-settings/card-place.ts';
import type { CardValues } from '../formats/card-settings/check.ts';
import { isXz } from '../formats/release-files/xz-index.ts';
import type { RandomAccess } from '../tools/disk/random-access.ts';
import { BUILD_AGAIN } from './find-target.ts';
import { type CardEdit, planEdit } from './plan-edit.ts';

/** The change of wwanpi.txt in an .img, an .img.xz or on a card, and where it goes. */
export interface DiskEdit extends CardEdit {
  readonly place: CardPlace;
}

/**
 * Finds wwanpi.txt in an opened image or on a card, and plans its change.
 * @throws InputError when there is none, or it has no room for the values; as `planEdit`
 */
export async function planDisk(access: RandomAccess, changes: CardValues): Promise<DiskEdit> {
  const { path, sizeBytes } = access;
  const place = await findCardPlace(sizeBytes, access.read);
  if (place === undefined) {
    const isPacked = isXz(await access.read(0, 6));
    throw new InputError(
      isPacked
        ? `${path} has no ${CARD_FILE} that can be changed in it: an older wwanpi made it, or another program compressed it`
        : `${path} has no ${CARD_FILE}: an older wwanpi made it, or another program`,
      { hint: isPacked ? `${BUILD_AGAIN}; or unpack it and change the .img: xz -dk ${path}` : BUILD_AGAIN },
    );
  }
  const edit = planEdit(place.content, changes, path);
  if (edit.content.length !== place.content.length) {
    throw new InputError(`the ${CARD_FILE} in ${path} has no room for these values`, {
      hint: "mount the card, and name its boot folder instead: there the file may grow; or shorten the file's comments",
    });
  }
  return { ...edit, place };
}
