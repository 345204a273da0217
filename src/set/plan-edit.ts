import { InputError } from '../core/errors.ts';
import { CARD_FILE } from '../formats/card-settings/card-place.ts';
import {
  editCardText,
  findNewValues,
  formatCardFault,
  parseCardText,
  readCardText,
} from '../formats/card-settings/card-text.ts';
import type { CardValues } from '../formats/card-settings/check.ts';
import { type CardKey, getCardKey, STORED } from '../formats/card-settings/keys.ts';
import { OptionsError } from '../formats/issues.ts';
import { printable } from '../formats/printable.ts';

/** Another content of a wwanpi.txt. */
export interface CardEdit {
  readonly content: Uint8Array;
  /** The lines that change, for people: `- apn=…`, `+ apn=…`; secrets are masked. Empty if nothing changes. */
  readonly lines: readonly string[];
  /** What may not be meant, a sentence each. */
  readonly notes: readonly string[];
}

/** Begins the file while it is being changed on a card. The Pi refuses a line without `=`, and all settings stay. */
export const UNFINISHED = 'wwanpi set is changing this file';

/**
 * Puts values into a wwanpi.txt, and checks the whole of it as the Pi will.
 * @param path the image or file, for messages
 * @param changes checked one by one already
 * @throws OptionsError when a changed value does not go with the others, InputError when the file has other faults
 */
export function planEdit(content: Uint8Array, changes: CardValues, path: string): CardEdit {
  if (new TextDecoder('latin1').decode(content.subarray(0, UNFINISHED.length)) === UNFINISHED) {
    throw new InputError(`the ${CARD_FILE} in ${path} is incomplete: an earlier wwanpi set was cut off`, {
      hint: 'write the image again, or copy a whole wwanpi.txt onto the card',
    });
  }
  const { values: before } = parseCardText(content);
  // The file's own copy of a value that is already there stays as it is, its blanks included.
  const wanted = findNewValues(before, changes);
  const edited = editCardText(content, wanted);
  assertSound(edited, changes, path);
  const lines = [...wanted].flatMap(([key, value]) => {
    const old = before.get(key);
    return [...(old === undefined ? [] : [`- ${show(key, old)}`]), `+ ${show(key, value)}`];
  });
  const keepsUser = wanted.has('apn') && !changes.has('user') && (before.get('user') ?? '') !== '';
  const notes = keepsUser
    ? ["the user name and password of the old APN stay; --apn-user '' takes them away"]
    : [];
  return { content: edited, lines, notes };
}

function assertSound(content: Uint8Array, changes: CardValues, path: string): void {
  const { faults } = readCardText(content);
  const [ours, theirs] = [
    faults.filter(({ key }) => key !== undefined && changes.has(key)),
    faults.filter(({ key }) => key === undefined || !changes.has(key)),
  ];
  if (ours.length > 0) {
    throw new OptionsError(
      ours.map(({ key, fault }) => ({
        option: getCardKey(key as CardKey).option,
        message: fault.replaceAll(/\b(user|wifi-ssid|wifi-country)\b/g, (word) => `{--${nameOption(word)}}`),
      })),
    );
  }
  if (theirs.length === 0) return;
  throw new InputError(
    `the Pi would refuse the ${CARD_FILE} in ${path}, and all its settings with it:\n${theirs.map((fault) => `  - ${formatCardFault(fault)}`).join('\n')}`,
    { hint: 'set the keys named there, too, or mend the file with an editor' },
  );
}

function nameOption(key: string): string {
  return getCardKey(key as CardKey).option;
}

function show(key: CardKey, value: string): string {
  const isMasked = getCardKey(key).secret && value !== '' && value !== STORED;
  return `${key}=${isMasked ? '(secret)' : printable(value)}`;
}
