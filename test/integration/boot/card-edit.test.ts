import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChangedCard } from '../../../src/boot/card-edit.ts';
import { editCardText, formatCardText } from '../../../src/formats/card-settings/card-text.ts';
import type { CardKey } from '../../../src/formats/card-settings/keys.ts';
import { createTestContext } from '../../helpers/context.ts';
import { makeImage } from '../../helpers/image.ts';

const VALUES = 'apn=internet\nuser=me\npassword=x\ndns=1.1.1.1\nmetric=6000\n';
const BUILT = formatCardText(
  new Map<CardKey, string>([
    ['apn', 'internet'],
    ['user', 'me'],
    ['password', 'x'],
    ['dns', '1.1.1.1'],
    ['metric', '6000'],
  ]),
);
const edit = (values: Partial<Record<CardKey, string>>) =>
  editCardText(BUILT, new Map(Object.entries(values) as [CardKey, string][]));

test('a wwanpi.txt that was changed in the image is what a boot test expects', async (t) => {
  const context = await createTestContext(t);
  const make = (name: string, content?: Uint8Array, stored = VALUES) =>
    makeImage(context, name, {
      boot: content === undefined ? {} : { '/wwanpi.txt': content },
      root: { '/etc/wwanpi/card-settings': stored },
    });
  assert.equal(await readChangedCard(await make('none.img')), undefined);
  assert.equal(await readChangedCard(await make('same.img', BUILT)), undefined);
  const changed = await readChangedCard(await make('set.img', edit({ apn: 'web.vodafone.de' })));
  assert.deepEqual(changed?.faults, []);
  assert.deepEqual(
    ['apn', 'user', 'password'].map((key) => changed?.inForce.get(key as CardKey)),
    ['web.vodafone.de', 'me', 'x'],
  );
  const bad = await readChangedCard(await make('bad.img', edit({ apn: 'a b' })));
  assert.match(bad?.faults.join() ?? '', /^line \d+: apn: holds a/);
  assert.equal(bad?.inForce.get('apn'), 'internet');
});
