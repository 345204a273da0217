import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../core/errors.ts';
import { CARD_FILE } from '../formats/card-settings/card-place.ts';
import { MAX_CARD_TEXT_BYTES } from '../formats/card-settings/card-text.ts';
import type { CardValues } from '../formats/card-settings/check.ts';
import { syncFile, writeFileAtomic } from '../tools/files/replace-file.ts';
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
  await writeFileAtomic(path, content, 0o644);
  await syncFile(dirname(path));
}
