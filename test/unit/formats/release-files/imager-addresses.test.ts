import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listImagerAddresses } from '../../../../src/formats/release-files/imager-addresses.ts';

test('the addresses of a list, in its categories too', () => {
  const list = {
    imager: { latest_version: '2.0.11' },
    os_list: [
      { name: 'a', url: 'https://example.org/a.img.xz' },
      {
        name: 'group',
        subitems: [
          { name: 'b', url: 'file:///b.img' },
          { name: 'empty', subitems: [] },
        ],
      },
      { name: 'elsewhere', subitems_url: 'https://example.org/more.json' },
    ],
  };
  assert.deepEqual(listImagerAddresses(JSON.stringify(list)), [
    'https://example.org/a.img.xz',
    'file:///b.img',
  ]);
});

for (const text of ['', '{}', '{"os_list":{}}', '{"os_list":[{"url":1}]}', '[]', 'null']) {
  test(`${JSON.stringify(text)} is not a list`, () => assert.equal(listImagerAddresses(text), undefined));
}
