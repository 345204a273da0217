import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../core/errors.ts';
import { CARD_FILE } from '../formats/card-settings/card-place.ts';
import { MAX_CARD_TEXT_BYTES } from '../formats/card-settings/card-text.ts';
import type { CardValues } from '../formats/card-settings/check.ts';
import { getPartialPath } from '../tools/files/partial.ts';
import { type CardEdit, planEdit } from './plan-edit.ts';

/** Reads a wwanpi.txt in a mounted folder and plans its change. @throws as `planEdit` */
export async function planFile(path: string, changes: CardValues): Promise<CardEdit> {
  const { size } = await stat(path);
  if (size > MAX_CARD_TEXT_BYTES) {
    throw new InputError(`${path} is larger than ${MAX_CARD_TEXT_BYTES} bytes, and the Pi would refuse it`);
  }
  const edit = planEdit(await readFile(path), changes, path);
  if (edit.content.length <= MAX_CARD_TEXT_BYTES) return edit;
  throw new InputError(`the new ${CARD_FILE} would be larger than ${MAX_CARD_TEXT_BYTES} bytes`, {
    hint: 'shorten the comments in it',
  });
}

/** Writes beside it, syncs, renames: a card that is pulled out has the old file or the new one, whole. */
export async function writeFileWhole(path: string, content: Uint8Array): Promise<void> {
  const temporary = getPartialPath(path);
  try {
    const file = await open(temporary, 'w', 0o644);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
