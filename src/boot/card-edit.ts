import { InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import {
  type CardFault,
  editCardText,
  formatCardFault,
  readCardText,
} from '../formats/card-settings/card-text.ts';
import type { CardValues } from '../formats/card-settings/check.ts';
import { isCardKey, STORED } from '../formats/card-settings/keys.ts';
import { readText, withImageTree } from '../image/image-tree.ts';
import type { ImageSetup } from './parse-expectations.ts';

/** wwanpi.txt as somebody has edited it, and what the Pi makes of it. */
export interface CardEdit {
  /** The whole file, as Notepad saves it: with a byte order mark. */
  readonly bytes: Uint8Array;
  /** By the rules of the command line; with any, the Pi stays with its settings. */
  readonly faults: readonly string[];
  /** The values that the Pi has after it. */
  readonly inForce: CardValues;
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const CARD = '/boot/wwanpi.txt';
/** The values in force, as `key=value` lines (overlays/rootfs/usr/lib/wwanpi/card-settings). */
const VALUES = '/etc/wwanpi/card-settings';

/**
 * Edits wwanpi.txt of an image, in memory.
 * @throws InputError when the image has none
 */
export async function editCard(disk: Disk, values: CardValues): Promise<CardEdit> {
  return withImageTree(disk, async (tree) => {
    const { node } = await tree.locate(CARD);
    if (node?.kind !== 'file') {
      throw new InputError(`${disk.path} has no ${CARD}: nothing can be set in it`, {
        hint: 'wwanpi build makes an image that has one',
      });
    }
    const before = parseValues((await readText(tree, VALUES)) ?? '');
    const edited = editCardText(await node.read(), values);
    const bytes =
      edited[0] === BYTE_ORDER_MARK[0] ? edited : Uint8Array.from([...BYTE_ORDER_MARK, ...edited]);
    const card = readCardText(bytes, before);
    const faults = card.faults.map((fault: CardFault) => formatCardFault(fault));
    const given = [...card.values].filter(([, value]) => value !== STORED);
    return { bytes, faults, inForce: faults.length > 0 ? before : new Map([...before, ...given]) };
  });
}

/** What the image is set up to do with other values in force. */
export function applyCard(setup: ImageSetup, values: CardValues): ImageSetup {
  const get = (key: Parameters<CardValues['get']>[0]) => values.get(key) ?? '';
  const servers = get('dns') === 'none' ? [] : get('dns').split(/[\s,]+/);
  return {
    ...setup,
    apn: get('apn'),
    ndisdupApn: setup.ndisdupApn === undefined ? undefined : get('apn'),
    credentials: get('user') === '' ? undefined : { user: get('user'), password: get('password') },
    pin: get('pin') === '' ? undefined : get('pin'),
    nameServers: servers.filter((each) => each !== ''),
    metric: Number(get('metric')),
  };
}

function parseValues(text: string): CardValues {
  return new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      const key = line.slice(0, at);
      return isCardKey(key) ? [[key, line.slice(at + 1)] as const] : [];
    }),
  );
}
