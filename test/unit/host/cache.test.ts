import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Context } from '../../../src/core/context.ts';
import { InterruptedError } from '../../../src/core/errors.ts';
import { cached, proveContent } from '../../../src/host/cache.ts';
import { sha256Text } from '../../../src/tools/files/hash.ts';
import { createTestContext } from '../../helpers/context.ts';

const FILES: Readonly<Record<string, string>> = {
  'usr/bin/qmicli': 'a program',
  'usr/lib/libqmi-glib.so.5.8.0': 'a library'.repeat(1000),
  'facts.json': '{"version":"1.16.0"}',
  empty: '',
};

async function produce(folder: string): Promise<void> {
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text, { mode: path.includes('/bin/') ? 0o755 : 0o644 });
  }
  await symlink('libqmi-glib.so.5.8.0', join(folder, 'usr/lib/libqmi-glib.so.5'));
}

async function withWarnings(t: TestContext): Promise<{ context: Context; warnings: string[] }> {
  const context = await createTestContext(t);
  const warnings: string[] = [];
  const report = { ...context.report, warn: (text: string) => warnings.push(text) };
  return { context: { ...context, report }, warnings };
}

/** Changes one bit of a file. */
async function flip(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

const DAMAGE: readonly (readonly [
  what: string,
  damage: (entry: string) => Promise<unknown>,
  fault: RegExp,
])[] = [
  ['a bit of a library', (e) => flip(join(e, 'usr/lib/libqmi-glib.so.5.8.0')), /so\.5\.8\.0 has changed/],
  ['a bit of the facts', (e) => flip(join(e, 'facts.json')), /facts\.json has changed/],
  ['facts that are no JSON', (e) => writeFile(join(e, 'facts.json'), '{'), /facts\.json has changed/],
  ['a bit of the hashes', (e) => flip(join(e, '.wwanpi-sums.json')), /changed|missing|belong|hashes/],
  ['hashes that are no JSON', (e) => writeFile(join(e, '.wwanpi-sums.json'), '{"a'), /list of hashes/],
  ['hashes that are a list', (e) => writeFile(join(e, '.wwanpi-sums.json'), '[1]'), /list of hashes/],
  ['no hashes', (e) => rm(join(e, '.wwanpi-sums.json')), /list of hashes is missing/],
  ['a file cut short', (e) => truncate(join(e, 'usr/bin/qmicli'), 3), /qmicli has changed/],
  ['a file gone', (e) => rm(join(e, 'usr/bin/qmicli')), /qmicli is missing/],
  ['a file that nobody may run', (e) => chmod(join(e, 'usr/bin/qmicli'), 0o644), /qmicli has changed/],
  ['a file too many', (e) => writeFile(join(e, 'usr/bin/more'), ''), /bin\/more does not belong there/],
  [
    'a link elsewhere',
    async (e) => {
      await rm(join(e, 'usr/lib/libqmi-glib.so.5'));
      await symlink('/etc/passwd', join(e, 'usr/lib/libqmi-glib.so.5'));
    },
    /so\.5 has changed/,
  ],
  [
    'a link for a file',
    async (e) => {
      await rm(join(e, 'empty'));
      await symlink('/dev/null', join(e, 'empty'));
    },
    /empty has changed/,
  ],
  [
    'a file for the entry',
    async (e) => {
      await rm(e, { recursive: true });
      await writeFile(e, '');
    },
    /list of hashes/,
  ],
];
for (const [what, damage, fault] of DAMAGE) {
  test(`an entry with ${what} is made again, with one warning`, async (t) => {
    const { context, warnings } = await withWarnings(t);
    const { path } = await cached(context, 'libqmi', 'key', produce);
    assert.deepEqual(await cached(context, 'libqmi', 'key', () => assert.fail('it is there')), {
      path,
      hit: true,
    });
    await damage(path);
    assert.deepEqual(await cached(context, 'libqmi', 'key', produce), { path, hit: false });
    for (const [name, text] of Object.entries(FILES))
      assert.equal(await readFile(join(path, name), 'utf8'), text);
    assert.deepEqual(await readdir(dirname(path)), ['key']);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^libqmi\/key in the cache is damaged \(.*\); wwanpi makes it again$/);
    assert.match(warnings[0] ?? '', fault);
    assert.equal((await cached(context, 'libqmi', 'key', () => assert.fail('it is there'))).hit, true);
  });
}

test('an entry of one file is known by its own hash, as those of older versions are', async (t) => {
  const { context, warnings } = await withWarnings(t);
  const content = 'a tarball';
  const key = sha256Text(content);
  const make = (folder: string) => writeFile(join(folder, 'x.tar'), content);
  const provide = () => cached(context, 'downloads', key, make, proveContent('x.tar', key));
  const { path } = await provide();
  assert.deepEqual(await readdir(path), ['x.tar']);
  assert.equal((await provide()).hit, true);
  for (const damage of [flip, (file: string) => truncate(file, 2), rm]) {
    await damage(join(path, 'x.tar'));
    assert.equal((await provide()).hit, false);
    assert.equal(await readFile(join(path, 'x.tar'), 'utf8'), content);
  }
  assert.equal(warnings.length, 3);
});

test('an interrupt while an entry is compared does not cost the entry', async (t) => {
  const { context, warnings } = await withWarnings(t);
  const { path } = await cached(context, 'libqmi', 'key', produce);
  const stopped = { ...context, signal: AbortSignal.abort() };
  await assert.rejects(cached(stopped, 'libqmi', 'key', produce), InterruptedError);
  assert.equal((await readdir(path)).length, 4);
  assert.deepEqual(warnings, []);
});
