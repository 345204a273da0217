import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError, VerificationError } from '../../../src/core/errors.ts';
import { collectFleet } from '../../../src/fleet/collect-fleet.ts';
import { type FleetResult, formatFleetJson, parseFleetJson } from '../../../src/fleet/fleet-state.ts';
import { prepareSigner } from '../../../src/release/prepare-signer.ts';
import { sha256Text } from '../../../src/tools/files/hash.ts';
import { createTestContext } from '../../helpers/context.ts';
import { compileImagerSchema } from '../../helpers/imager-schema.ts';
import { makeSigningKeys } from '../../helpers/signing-keys.ts';

const built = (name: string): FleetResult => ({
  name,
  apn: 'x',
  base: 'b',
  files: [
    { name: `${name}.img`, sizeBytes: name.length, sha256: sha256Text(name), kind: 'image' },
    { name: `${name}.manifest.json`, sizeBytes: 2, sha256: sha256Text(MANIFEST), kind: 'manifest' },
  ],
  seconds: 1,
  verdict: 'built',
});
/** What of a manifest Imager's list needs. */
const MANIFEST = JSON.stringify({
  image: { sizeBytes: 9, sha256: sha256Text('image') },
  os: { id: 'debian', codename: 'bookworm', prettyName: 'Debian 12' },
  sourceDateEpoch: 1_600_000_000,
  inputs: [],
});
const listing = (folder: string) => ({
  folder,
  title: 'fleet',
  urlBase: undefined,
  signing: 'nobody' as const,
});
const failed = (name: string): FleetResult => ({
  ...built(name),
  files: [],
  verdict: 'failed',
  error: 'no room',
});

async function writeShard(folder: string, results: readonly FleetResult[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const { name, files } of results) {
    for (const file of files)
      await writeFile(join(folder, file.name), file.kind === 'image' ? name : MANIFEST);
  }
  const names = results.map(({ name }) => name);
  await writeFile(join(folder, 'fleet.json'), formatFleetJson('1', names, results));
  return folder;
}

test('folders of shards become one, with sums that hold, in the order of the fleet', async (t) => {
  const context = await createTestContext(t);
  const at = (name: string) => join(context.tmpDir, name);
  const folders = [
    await writeShard(at('1'), [built('c'), failed('b')]),
    await writeShard(at('2'), [built('a'), built('other-fleet')]),
    await writeShard(at('3'), [built('b')]),
  ];
  const out = at('out');
  const { results, missing } = await collectFleet(context, ['a', 'b', 'c', 'd'], folders, listing(out));
  assert.deepEqual(
    results.map(({ name, verdict }) => `${name} ${verdict}`),
    ['a built', 'b built', 'c built'],
  );
  assert.deepEqual(missing, ['d']);
  assert.deepEqual(parseFleetJson(await readFile(join(out, 'fleet.json'), 'utf8')), results);
  await context.exec(['sha256sum', '--strict', '--check', '--quiet', 'SHA256SUMS'], { cwd: out });
  const finished = ['a', 'b', 'c'].flatMap((name) => [`${name}.img`, `${name}.manifest.json`]);
  assert.deepEqual((await readdir(out)).sort(), [
    'SHA256SUMS',
    ...finished,
    'fleet.json',
    'fleet.rpi-imager-manifest',
  ]);
});

test('with the address of its folder a fleet has a list that Imager can fetch, among the sums and signed', async (t) => {
  const context = await createTestContext(t);
  const keys = await makeSigningKeys(t, context);
  const signing = await prepareSigner(context, await keys.gpg('Release <r@example.org>'), undefined);
  const shard = await writeShard(join(context.tmpDir, '1'), [built('a b'), built('c')]);
  const folder = join(context.tmpDir, 'out');
  const urlBase = 'https://example.org/images';
  await collectFleet(context, ['a b', 'c'], [shard], { folder, title: 'my fleet', urlBase, signing });
  const list = await readFile(join(folder, 'os_list.json'), 'utf8');
  const validate = compileImagerSchema();
  assert.ok(validate(JSON.parse(list)), JSON.stringify(validate.errors));
  assert.match(list, /"url": "https:\/\/example\.org\/images\/a%20b\.img",/);
  assert.match(list, /"release_date": "2020-09-13"/);
  assert.equal(await readFile(join(folder, 'my fleet.rpi-imager-manifest'), 'utf8'), list);
  const { stdout } = await context.exec(['sha256sum', '--strict', '--check', 'SHA256SUMS'], { cwd: folder });
  assert.equal(stdout.split('\n').filter((line) => line.endsWith(': OK')).length, 6);
  const verify = ['gpg', '--batch', '--verify', 'SHA256SUMS.asc', 'SHA256SUMS'] as const;
  await context.exec(verify, { cwd: folder, env: { GNUPGHOME: keys.gnupgHome } });

  // Again without an address: the files' own places, of no use elsewhere and so not among the sums.
  await collectFleet(context, ['a b', 'c'], [shard], { ...listing(folder), title: 'my fleet' });
  const local = await readFile(join(folder, 'my fleet.rpi-imager-manifest'), 'utf8');
  assert.ok(validate(JSON.parse(local)), JSON.stringify(validate.errors));
  assert.ok(local.includes(`"url": "file://${folder}/a%20b.img"`));
  assert.deepEqual((await readdir(folder)).filter((name) => !/\.(img|manifest\.json)$/.test(name)).sort(), [
    'SHA256SUMS',
    'fleet.json',
    'my fleet.rpi-imager-manifest',
  ]);
  assert.doesNotMatch(await readFile(join(folder, 'SHA256SUMS'), 'utf8'), /imager|os_list/);
});

test('a damaged or absent file, and a folder that is none, are refused and leave no half', async (t) => {
  const context = await createTestContext(t);
  const out = join(context.tmpDir, 'out');
  const shard = await writeShard(join(context.tmpDir, '1'), [built('a')]);
  await writeFile(join(shard, 'a.img'), 'A');
  await assert.rejects(collectFleet(context, ['a'], [shard], listing(out)), (error) => {
    assert.ok(error instanceof VerificationError);
    assert.match(error.message, /a\.img has SHA-256 [0-9a-f]{64}; its fleet\.json says/);
    return true;
  });
  assert.deepEqual(await readdir(out), []);
  const empty = await writeShard(join(context.tmpDir, '2'), [built('a')]);
  await writeFile(
    join(empty, 'fleet.json'),
    formatFleetJson('1', ['a'], [built('a')]).replaceAll('a.img', 'gone.img'),
  );
  await assert.rejects(collectFleet(context, ['a'], [empty], listing(out)), VerificationError);
  await writeFile(join(empty, 'fleet.json'), '{"entries":[{"name":"../a"}]}');
  await assert.rejects(collectFleet(context, ['a'], [empty], listing(out)), InputError);
  await assert.rejects(collectFleet(context, ['a'], [context.tmpDir], listing(out)), InputError);
  assert.deepEqual(await readdir(out), []);
});
