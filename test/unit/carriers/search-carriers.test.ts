import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isOffered } from '../../../src/carriers/carrier.ts';
import { loadCarriers } from '../../../src/carriers/load-carriers.ts';
import { searchCarriers } from '../../../src/carriers/search-carriers.ts';

const { carriers } = await loadCarriers(() => assert.fail('it is installed'));

/** What people type, and the carrier that must come first. */
const typed: [string, string][] = [
  ['T-Mobile US', 'us/t-mobile'],
  ['us t mobile', 'us/t-mobile'],
  ['tmobile usa', 'us/t-mobile'],
  ['us/t-mobile', 'us/t-mobile'],
  ['metro pcs', 'us/metropcs'],
  ['MetroPCS', 'us/metropcs'],
  ['claro brasil', 'br/claro'],
  ['claro brazil', 'br/claro'],
  ['o2 de', 'de/o2'],
  ['O2 Deutschland', 'de/o2'],
  ['vodafone germany', 'de/vodafone'],
  ['ee', 'gb/ee'],
  ['uk ee', 'gb/ee'],
  ['verizon', 'us/verizon'],
  ['AT&T', 'us/at-and-t'],
  ['att', 'us/at-and-t'],
  ['mtn south africa', 'za/mtn'],
  ['fast.t-mobile.com', 'us/t-mobile'],
  ['videotron', 'ca/videotron'],
  ['Vidéotron', 'ca/videotron'],
  ['ایرانسل', 'ir/irancell'],
  ['irancell', 'ir/irancell'],
  ['tmobile', 'us/t-mobile'],
  ['t mobile', 'us/t-mobile'],
  ['t-mobile', 'us/t-mobile'],
  ['telefónica', 'de/o2'],
  ['telefónica españa', 'es/movistar'],
  ['three', 'gb/three'],
  ['jio', 'in/jio'],
  ['vi', 'in/vi'],
  ['mtn', 'ng/mtn'],
  ['8ta', 'za/telkom'],
  ['vodafone', 'de/vodafone'],
  ['germany', 'de/o2'],
  ['emnify', 'zz/emnify'],
];
for (const [words, id] of typed) {
  test(`carriers ${words}: ${id} comes first`, () =>
    assert.equal(searchCarriers(carriers, words)[0]?.id, id));
}

test('t-mobile is no carrier that has it in the middle of its name', () => {
  const ids = searchCarriers(carriers, 't-mobile').map(({ id }) => id);
  assert.ok(ids.includes('us/t-mobile'));
  assert.deepEqual(
    ids.filter((id) => /telenet-mobile|hot-mobile|smart-mobile/.test(id)),
    [],
  );
});

test('what nothing begins with is found inside', () => {
  assert.ok(searchCarriers(carriers, 'etropc').some(({ id }) => id === 'us/metropcs'));
});

test('a country is any of its names', () => {
  const ids = (country: string): string[] => searchCarriers(carriers, '', { country }).map(({ id }) => id);
  assert.ok(ids('de').length > 5);
  assert.deepEqual(ids('Germany'), ids('de'));
  assert.deepEqual(ids('Deutschland'), ids('de'));
  assert.deepEqual(ids('uk'), ids('GB'));
  assert.deepEqual(ids('Atlantis'), []);
});

test('no words find every carrier offered, once each', () => {
  const found = searchCarriers(carriers, '');
  assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
  assert.equal(found.flatMap(({ apns }) => apns).length, carriers.filter(isOffered).length);
  assert.equal(
    searchCarriers(carriers, ' ', { all: true }).flatMap(({ apns }) => apns).length,
    carriers.length,
  );
});

test('each carrier is found by its id, its name and its APN, in any case', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...carriers.filter(isOffered)),
      ({ id, carrierId, country, provider, apn }) => {
        const find = (words: string): string[] =>
          searchCarriers(carriers, words, { country }).map((found) => found.id);
        assert.equal(find(carrierId)[0], carrierId);
        assert.ok(find(provider.toUpperCase()).includes(carrierId), provider);
        assert.ok(find(apn).includes(carrierId), apn);
        assert.ok(id.startsWith(carrierId));
      },
    ),
    { numRuns: 60 },
  );
});

test('any text is a search that finds only what is offered, the recommended APN first', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 12 }), fc.boolean(), (words, all) => {
      for (const { apns, recommended } of searchCarriers(carriers, words, { all })) {
        assert.ok(apns.length > 0);
        assert.ok(all || apns.every(isOffered));
        const position = apns.findIndex((row) => row.recommended);
        assert.ok(position <= 0 && (position === -1 || apns[0] === recommended));
      }
    }),
    { numRuns: 60 },
  );
});
