import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { findSameSized, planPublish, type RemoteFolder } from '../../../src/publish/plan-publish.ts';
import { getRole, type Release, type ReleaseEntry, type ReleaseRole } from '../../../src/publish/release.ts';

const getHash = (text: string) => createHash('sha256').update(text).digest('hex');

function makeRelease(...names: string[]): Release {
  const entries = names.map((name): ReleaseEntry => {
    const role: ReleaseRole = getRole(name) ?? 'listed';
    return { name, sizeBytes: 100, sha256: getHash(name), role };
  });
  return { folder: '/out', entries, sums: getHash(names.join()) };
}

function makeRemote(sizes: Record<string, number>, changes: Partial<RemoteFolder> = {}): RemoteFolder {
  return {
    exists: true,
    sizes: new Map(Object.entries(sizes)),
    checksums: undefined,
    history: [],
    ...changes,
  };
}

const listing = (...names: string[]) => names.map((name) => `${getHash(name)}  ${name}\n`).join('');
const none = new Set<string>();

test('which unlisted files go with a release', () => {
  for (const [name, role] of [
    ['SHA256SUMS', 'checksums'],
    ['SHA256SUMS.asc', 'signature'],
    ['SHA256SUMS.minisig', 'signature'],
    ['fleet.json', 'companion'],
    // Where they may be published, SHA256SUMS lists them.
    ['os_list.json', undefined],
    ['wwanpi.rpi-imager-manifest', undefined],
    ['index.html', 'companion'],
    ['.wwanpi-fleet.json', undefined],
    ['.SHA256SUMS.partial-77', undefined],
    ['minisign.key', undefined],
    ['xfleet.json', undefined],
  ] as const) {
    assert.equal(getRole(name), role, name);
  }
});

test('only a file of the same size may be the same', () => {
  const remote = makeRemote({ a: 100, b: 99, 'c.part': 100 });
  const found = findSameSized(makeRelease('a', 'b', 'c', 'SHA256SUMS'), remote);
  assert.deepEqual(
    found.map(({ name }) => name),
    ['a'],
  );
});

test('what is not the same is sent in the order of the release, less what was begun', () => {
  const release = makeRelease('a', 'b', 'c', 'fleet.json', 'SHA256SUMS.asc', 'SHA256SUMS');
  const remote = makeRemote({ a: 100, 'a.part': 50, 'b.part': 30, 'c.part': 101 });
  const plan = planPublish(release, remote, new Set(['a']));
  assert.deepEqual(
    plan.same.map(({ name }) => name),
    ['a'],
  );
  assert.deepEqual(
    plan.send.map(({ name }) => name),
    ['b', 'c', 'fleet.json', 'SHA256SUMS.asc', 'SHA256SUMS'],
  );
  // A part longer than the file is of another one.
  assert.deepEqual([...plan.begun], [['b', 30]]);
  assert.equal(plan.sendBytes, 470);
});

test('SHA256SUMS is taken away only while it would be wrong of a file', () => {
  const release = makeRelease('a', 'b', 'fleet.json', 'SHA256SUMS');
  for (const [what, remote, same, withdraw] of [
    ['nothing there', makeRemote({}), none, false],
    ['other names', makeRemote({ x: 1, SHA256SUMS: 1 }, { checksums: listing('x') }), none, false],
    [
      'a listed name is replaced',
      makeRemote({ a: 1, SHA256SUMS: 1 }, { checksums: listing('a') }),
      none,
      true,
    ],
    [
      'a name that is there but not listed',
      makeRemote({ a: 1, SHA256SUMS: 1 }, { checksums: listing('x') }),
      none,
      false,
    ],
    ['a listed name that is gone', makeRemote({ SHA256SUMS: 1 }, { checksums: listing('a') }), none, false],
    [
      'a list that can not be read',
      makeRemote({ a: 1, SHA256SUMS: 1 }, { checksums: 'no list' }),
      none,
      true,
    ],
    [
      'only what is not listed',
      makeRemote({ 'fleet.json': 1, SHA256SUMS: 1 }, { checksums: listing('x') }),
      none,
      false,
    ],
    [
      'a damaged file of this very release',
      makeRemote({ a: 1, SHA256SUMS: 100 }, { checksums: listing('a', 'b') }),
      new Set(['b', 'SHA256SUMS']),
      false,
    ],
  ] as const) {
    assert.equal(planPublish(release, remote, same).withdraw, withdraw, what);
  }
});

test("an earlier release's signature goes; one of somebody else's stays", () => {
  const sizes = { 'SHA256SUMS.asc': 1, 'SHA256SUMS.minisig': 1, SHA256SUMS: 1 };
  const files = [{ name: 'SHA256SUMS.asc', sizeBytes: 1, sha256: getHash('') }];
  const history = [{ begun: '', sums: getHash('old'), isPublished: true, files }];
  const plan = planPublish(makeRelease('a', 'SHA256SUMS'), makeRemote(sizes, { history }), none);
  assert.deepEqual(
    [plan.staleSignatures, plan.foreignSignatures],
    [['SHA256SUMS.asc'], ['SHA256SUMS.minisig']],
  );
  const signed = makeRelease('a', 'SHA256SUMS.asc', 'SHA256SUMS.minisig', 'SHA256SUMS');
  const none2 = planPublish(signed, makeRemote(sizes, { history }), none);
  assert.deepEqual([none2.staleSignatures, none2.foreignSignatures], [[], []]);
});
