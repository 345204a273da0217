import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  beginRelease,
  finishRelease,
  formatHistory,
  type PublishedRelease,
  parseHistory,
  planPrune,
  type ReleaseHistory,
} from '../../../../src/formats/release-files/release-history.ts';

const getHash = (text: string) => createHash('sha256').update(text).digest('hex');

function release(id: string, names: string, isPublished = true): PublishedRelease {
  const files = names.split(' ').map((name) => ({ name, sizeBytes: 1, sha256: getHash(`${id}${name}`) }));
  return { begun: '2026-11-25T10:00:00.000Z', sums: getHash(id), isPublished, files };
}

const getNames = (history: ReleaseHistory, keep: number) =>
  planPrune(history, keep).files.map(({ name }) => name);

test('a history is read as it was written; anything else is none', () => {
  const history = [release('2', 'a b'), release('1', 'a', false)];
  assert.deepEqual(parseHistory(formatHistory(history)), history);
  for (const text of [
    '',
    '{}',
    '[]',
    '{"format":2,"releases":[]}',
    'null',
    formatHistory(history).slice(1),
  ]) {
    assert.equal(parseHistory(text), undefined, text);
  }
});

test('names in it never lead out of the folder', () => {
  for (const name of ['../x', '/etc/passwd', '..', 'a/b', 'a\u0000']) {
    const [first] = [release('1', 'x')];
    const files = [{ name, sizeBytes: 1, sha256: getHash('') }];
    assert.equal(parseHistory(formatHistory([{ ...(first as PublishedRelease), files }])), undefined, name);
  }
});

test('a release is begun, then published; published again it is the newest', () => {
  const { isPublished: _1, ...one } = release('1', 'a');
  const { isPublished: _2, ...two } = release('2', 'b');
  let history = finishRelease(beginRelease([], one), one.sums);
  history = beginRelease(history, two);
  assert.deepEqual(
    history.map(({ sums, isPublished }) => [sums, isPublished]),
    [
      [two.sums, false],
      [one.sums, true],
    ],
  );
  history = finishRelease(beginRelease(finishRelease(history, two.sums), one), one.sums);
  assert.deepEqual(
    history.map(({ sums }) => sums),
    [one.sums, two.sums],
  );
});

test('prunes what only older releases have, and what was begun and never finished', () => {
  const history = [
    release('4', 'd both'),
    release('x', 'cut', false),
    release('3', 'c'),
    release('1', 'a both'),
  ];
  assert.deepEqual(getNames(history, 1), ['a', 'c', 'cut']);
  assert.deepEqual(getNames(history, 2), ['a', 'cut']);
  assert.deepEqual(getNames(history, 3), ['cut']);
  assert.deepEqual(
    planPrune(history, 2).kept.map(({ sums }) => sums),
    [getHash('4'), getHash('3')],
  );
  // Of a name that two old ones had, the newer one's file lies there.
  const twice = [release('3', 'c'), release('2', 'x'), release('1', 'x')];
  assert.deepEqual(planPrune(twice, 1).files, release('2', 'x').files);
});

test('no history makes it remove a file of a kept release, or one that no release had', () => {
  const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }).map((list) => list.join(' '));
  const entry = fc.tuple(fc.string(), names, fc.boolean()).map((args) => release(...args));
  fc.assert(
    fc.property(fc.array(entry), fc.integer({ min: 1, max: 5 }), (history, keep) => {
      const { kept, files } = planPrune(history, keep);
      assert.ok(kept.length <= keep && kept.every((each) => each.isPublished && history.includes(each)));
      for (const { name } of files) {
        assert.ok(!kept.some((each) => each.files.some((file) => file.name === name)));
        assert.ok(history.some((each) => each.files.some((file) => file.name === name)));
      }
    }),
  );
});
