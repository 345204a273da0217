import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError, VerificationError } from '../../src/errors.ts';
import { collectFleet } from '../../src/fleet-collect.ts';
import { type FleetResult, formatFleetJson, parseFleetJson } from '../../src/fleet-state.ts';
import { sha256Text } from '../../src/tools/hash.ts';
import { createTestContext } from '../helpers/context.ts';

const built = (name: string): FleetResult => ({
  name,
  apn: 'x',
  base: 'b',
  files: [
    { name: `${name}.img`, sizeBytes: name.length, sha256: sha256Text(name), kind: 'image' },
    { name: `${name}.manifest.json`, sizeBytes: 2, sha256: sha256Text('{}'), kind: 'manifest' },
  ],
  seconds: 1,
  verdict: 'built',
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
    for (const file of files) await writeFile(join(folder, file.name), file.kind === 'image' ? name : '{}');
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
  const { results, missing } = await collectFleet(context, ['a', 'b', 'c', 'd'], folders, out);
  assert.deepEqual(
    results.map(({ name, verdict }) => `${name} ${verdict}`),
    ['a built', 'b built', 'c built'],
  );
  assert.deepEqual(missing, ['d']);
  assert.deepEqual(parseFleetJson(await readFile(join(out, 'fleet.json'), 'utf8')), results);
  await context.exec(['sha256sum', '--strict', '--check', '--quiet', 'SHA256SUMS'], { cwd: out });
  assert.deepEqual(
    (await readdir(out)).sort(),
    ['SHA256SUMS', 'a.img', 'a.manifest.json', 'b.img', 'b.manifest.json', 'c.img', 'c.manifest.json'].concat(
      'fleet.json',
    ),
  );
});

test('a damaged or absent file, and a folder that is none, are refused and leave no half', async (t) => {
  const context = await createTestContext(t);
  const out = join(context.tmpDir, 'out');
  const shard = await writeShard(join(context.tmpDir, '1'), [built('a')]);
  await writeFile(join(shard, 'a.img'), 'A');
  await assert.rejects(collectFleet(context, ['a'], [shard], out), (error) => {
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
  await assert.rejects(collectFleet(context, ['a'], [empty], out), VerificationError);
  await writeFile(join(empty, 'fleet.json'), '{"entries":[{"name":"../a"}]}');
  await assert.rejects(collectFleet(context, ['a'], [empty], out), InputError);
  await assert.rejects(collectFleet(context, ['a'], [context.tmpDir], out), InputError);
  assert.deepEqual(await readdir(out), []);
});
