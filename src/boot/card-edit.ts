import { InputError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { editCardText } from '../formats/card-settings/card-text.ts';
import type { CardValues } from '../formats/card-settings/check.ts';
import { withImageTree } from '../image/image-tree.ts';

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * The wwanpi.txt of an image with other values, as Notepad saves it: with a byte order mark.
 * @param values need not be valid
 * @throws InputError when the image has no such file
 */
export async function editCard(disk: Disk, values: CardValues): Promise<Uint8Array> {
  return withImageTree(disk, async (tree) => {
    const card = `${tree.bootFolder}/wwanpi.txt`;
    const { node } = await tree.locate(card);
    if (node?.kind !== 'file') {
      throw new InputError(`${disk.path} has no ${card}: nothing can be set in it`, {
        hint: 'wwanpi build makes an image that has one',
      });
    }
    const edited = editCardText(await node.read(), values);
    const hasMark = BYTE_ORDER_MARK.every((byte, index) => edited[index] === byte);
    return hasMark ? edited : Uint8Array.from([...BYTE_ORDER_MARK, ...edited]);
  });
}
