import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Context } from '../../src/core/context.ts';
import { parseFleetJson } from '../../src/fleet/fleet-state.ts';
import { parseCardText } from '../../src/formats/card-settings/card-text.ts';
import { parseBmap } from '../../src/formats/release-files/bmap.ts';
import { parseManifestSummary } from '../../src/formats/release-files/manifest-summary.ts';
import { openDisk } from '../../src/image/open-disk.ts';
import { compressImage } from '../../src/release/compress-image.ts';
import { findCardRange } from '../../src/release/find-card-range.ts';
import { checkFat } from '../../src/tools/disk/fat.ts';
import { type CliResult, runCli } from '../helpers/cli.ts';
import { createTestContext } from '../helpers/context.ts';
import { makeImage } from '../helpers/image.ts';
import { attachLoop, loopsMissing } from '../helpers/loop.ts';
import { describeFile, makeSettableRelease, OLD_APN, readFolder } from '../helpers/settable-release.ts';
import { makeSigningKeys } from '../helpers/signing-keys.ts';

const NEW_APN = 'web.vodafone.de';

interface Bench {
  readonly context: Context;
  readonly folder: string;
  readonly run: (...args: string[]) => Promise<CliResult>;
}

async function setUp(t: TestContext, values?: Parameters<typeof makeSettableRelease>[1]): Promise<Bench> {
  const context = await createTestContext(t);
  const folder = await makeSettableRelease(context, values);
  const env = { XDG_CACHE_HOME: join(folder, 'cache'), WWANPI_PASSWORD: '', NO_COLOR: '1' };
  return { context, folder, run: (...args) => runCli(['set', ...args], { cwd: folder, env }) };
}

/** What mtools reads as wwanpi.txt of a raw disk. */
async function readCard({ context }: Bench, path: string): Promise<ReadonlyMap<string, string>> {
  const { layout } = await openDisk(path);
  const { stdoutBytes } = await context.exec([
    'mtype',
    '-i',
    `${path}@@${layout.boot.offsetBytes}`,
    '::/wwanpi.txt',
  ]);
  assert.equal(stdoutBytes.length, 8192);
  return parseCardText(stdoutBytes).values;
}

function assertDone({ exitCode, stderr }: CliResult): void {
  assert.equal(exitCode, 0, stderr);
}

test('an .img.xz is patched to the bytes of one that was compressed with the new settings', async (t) => {
  const bench = await setUp(t);
  const { context, folder, run } = bench;
  const before = await readFile(join(folder, 'a.img.xz'));
  const result = await run('a.img.xz', '--apn', NEW_APN);
  assertDone(result);
  assert.match(result.stdout, /^- apn=internet\n\+ apn=web\.vodafone\.de$/m);
  await context.exec(['xz', '--test', join(folder, 'a.img.xz')]);
  const { stdoutBytes } = await context.exec(['xz', '-dc', join(folder, 'a.img.xz')]);
  const raw = join(folder, 'raw.img');
  await writeFile(raw, stdoutBytes);
  assert.equal((await readCard(bench, raw)).get('apn'), NEW_APN);
  const disk = await openDisk(raw);
  await checkFat(context, disk);
  const compression = { format: 'xz', level: 0, keepImage: true } as const;
  await compressImage(context, raw, compression, `${raw}.xz`, [], await findCardRange(disk));
  const after = await readFile(join(folder, 'a.img.xz'));
  assert.deepEqual(after, await readFile(`${raw}.xz`));
  const differing = after.reduce((sum, byte, at) => sum + Number(byte !== before[at]), 0);
  assert.ok(differing < 8201, `${differing} bytes differ`);
});

test('everything beside the image follows, and so does the same image in the other format', async (t) => {
  const bench = await setUp(t);
  const { context, folder, run } = bench;
  await writeFile(join(folder, 'SHA256SUMS.minisig'), 'old');
  await writeFile(join(folder, 'a.img.xz.asc'), 'old');
  const { sha256 } = await describeFile(folder, 'a.img.xz');
  await writeFile(join(folder, 'a.img.xz.sha256'), `${sha256}  a.img.xz\n`);
  const before = await readFolder(folder);
  const result = await run('a.img.xz', '--apn', NEW_APN, '--hostname', 'field-7');
  assertDone(result);
  assert.match(result.stdout, /The same image: +a\.img$/m);
  await context.exec(['sha256sum', '--check', '--strict', 'SHA256SUMS', 'a.img.xz.sha256'], { cwd: folder });
  const image = await describeFile(folder, 'a.img');
  const packed = await describeFile(folder, 'a.img.xz');
  assert.ok(result.stdout.includes(packed.sha256));
  assert.equal((await readCard(bench, join(folder, 'a.img'))).get('hostname'), 'field-7');
  const { stdoutBytes } = await context.exec(['xz', '-dc', join(folder, 'a.img.xz')]);
  assert.ok(Buffer.compare(stdoutBytes, await readFile(join(folder, 'a.img'))) === 0);
  // bmaptool checks every range.
  await context.exec(['bmaptool', '-q', 'copy', join(folder, 'a.img.xz'), join(folder, 'card')]);
  assert.ok(parseBmap(await readFile(join(folder, 'a.bmap'), 'utf8')).ranges.length > 0);
  const manifest = await readFile(join(folder, 'a.manifest.json'), 'utf8');
  const summary = parseManifestSummary(manifest);
  assert.deepEqual([summary?.apn, summary?.carrier, summary?.hostname], [NEW_APN, undefined, 'field-7']);
  assert.equal((JSON.parse(manifest) as { image: { sha256: string } }).image.sha256, image.sha256);
  assert.ok((await readFile(join(folder, 'a.sbom.json'), 'utf8')).includes(image.sha256));
  const [entry] = parseFleetJson(await readFile(join(folder, 'fleet.json'), 'utf8')) ?? [];
  assert.equal(entry?.apn, NEW_APN);
  for (const file of entry?.files ?? []) {
    assert.deepEqual(
      { sizeBytes: file.sizeBytes, sha256: file.sha256 },
      await describeFile(folder, file.name),
    );
  }
  const list = await readFile(join(folder, 'os_list.json'), 'utf8');
  for (const text of [packed.sha256, image.sha256, `with the APN ${NEW_APN}`])
    assert.ok(list.includes(text), text);
  for (const name of ['SHA256SUMS.minisig', 'a.img.xz.asc']) {
    assert.ok(!(await readdir(folder)).includes(name), name);
    assert.match(result.stdout, new RegExp(`^Signature: .*${name}`, 'm'));
  }
  assert.match(result.stdout, /index\.html: .*wwanpi catalogue/);
  // And back again: every file is as it was.
  assertDone(await run('a.img', '--apn', OLD_APN, '--hostname', ''));
  const after = await readFolder(folder);
  for (const name of ['a.img', 'a.img.xz', 'a.bmap', 'a.sbom.json'])
    assert.equal(after[name], before[name], name);
});

test('a copy has the new settings and files under its own name; the image keeps its own', async (t) => {
  const bench = await setUp(t);
  const { context, folder, run } = bench;
  const before = await readFolder(folder);
  assertDone(await run('a.img.xz', '--apn', NEW_APN, '--output', 'b.img.xz'));
  await context.exec(['sha256sum', '--check', '--strict', 'SHA256SUMS'], { cwd: folder });
  const after = await readFolder(folder);
  for (const [name, text] of Object.entries(before))
    if (name !== 'SHA256SUMS') assert.equal(after[name], text, name);
  assert.deepEqual(
    Object.keys(after)
      .filter((name) => !(name in before))
      .sort(),
    ['b.bmap', 'b.img.xz', 'b.manifest.json', 'b.sbom.json'],
  );
  assert.equal(parseManifestSummary(after['b.manifest.json'] ?? '')?.image.file, 'b.img');
  await context.exec(['bmaptool', '-q', 'copy', join(folder, 'b.img.xz'), join(folder, 'card')]);
  assert.equal((await readCard(bench, join(folder, 'card'))).get('apn'), NEW_APN);
  const again = await run('a.img.xz', '--apn', 'x', '--output', 'b.img.xz');
  assert.equal(again.exitCode, 2);
  assert.match(again.stderr, /b\.img\.xz exists already/);
  assert.match((await run('a.img.xz', '--apn', 'x', '--output', 'c.img')).stderr, /ends in \.img\.xz/);
});

test('an .img.zst is unpacked, changed and compressed again', async (t) => {
  const bench = await setUp(t);
  const { context, folder, run } = bench;
  await context.exec([
    'zstd',
    '-q',
    '--check',
    '--rm',
    '-3',
    join(folder, 'a.img'),
    '-o',
    join(folder, 'a.img.zst'),
  ]);
  await rm(join(folder, 'a.img.xz'));
  assertDone(await run('a.img.zst', '--apn', NEW_APN));
  await context.exec(['zstd', '-q', '-d', join(folder, 'a.img.zst'), '-o', join(folder, 'out.img')]);
  assert.equal((await readCard(bench, join(folder, 'out.img'))).get('apn'), NEW_APN);
  const { sha256 } = await describeFile(folder, 'out.img');
  assert.ok((await readFile(join(folder, 'a.manifest.json'), 'utf8')).includes(sha256));
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes('partial')),
    [],
  );
});

test('a card is changed by its device, which is not mounted', {
  skip: loopsMissing() ?? false,
}, async (t) => {
  const bench = await setUp(t);
  const { folder, run } = bench;
  const card = join(folder, 'card');
  await copyFile(join(folder, 'a.img'), card);
  const device = attachLoop(t, card);
  assert.match((await run(device, '--apn', NEW_APN, '--yes')).stderr, /is a loop device, not a card/);
  assert.match((await run(device, '--apn', NEW_APN, '--force')).stderr, /there is no terminal/);
  const shown = await run(device, '--apn', NEW_APN, '--force', '--dry-run');
  assert.match(shown.stdout, /^\+ apn=web\.vodafone\.de$/m);
  assert.equal((await readCard(bench, card)).get('apn'), OLD_APN);
  const result = await run(device, '--apn', NEW_APN, '--force', '--yes');
  assertDone(result);
  assert.match(result.stdout, /It is safe to remove/);
  assert.equal((await readCard(bench, card)).get('apn'), NEW_APN);
  await checkFat(bench.context, await openDisk(card));
});

test('a mounted boot folder has the new file whole, under the name that it had', async (t) => {
  const { folder, run } = await setUp(t);
  const boot = join(folder, 'bootfs');
  await mkdir(boot);
  await writeFile(join(boot, 'config.txt'), '');
  assert.match(
    (await run('bootfs', '--apn', NEW_APN)).stderr,
    /has no wwanpi\.txt: its image was made by an older/,
  );
  await writeFile(join(boot, 'WWANPI.TXT'), 'apn=internet\nmetric=7');
  assertDone(await run('bootfs', '--apn', NEW_APN, '--pin', '1234'));
  assert.deepEqual((await readdir(boot)).sort(), ['WWANPI.TXT', 'config.txt']);
  const { values } = parseCardText(await readFile(join(boot, 'WWANPI.TXT')));
  assert.deepEqual(
    [...values],
    [
      ['apn', NEW_APN],
      ['metric', '7'],
      ['pin', '1234'],
    ],
  );
  // The file itself can be named, too; a link in its place is not followed.
  assertDone(await run('bootfs/WWANPI.TXT', '--apn', 'x.y'));
  await rename(join(boot, 'WWANPI.TXT'), join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), join(boot, 'wwanpi.txt'));
  assert.match((await run('bootfs', '--apn', 'z')).stderr, /is not a plain file/);
});

test('all values are checked before anything is written, and no secret is shown', async (t) => {
  const { folder, run } = await setUp(t);
  const before = await readFolder(folder);
  const bad = await run('a.img.xz', '--apn', 'a b', '--pin', '12x', '--hostname', 'a_b', '--metric', 'high');
  assert.equal(bad.exitCode, 2);
  assert.match(bad.stderr, /4 errors in the command line/);
  for (const option of ['--apn "a b"', '--pin', '--hostname "a_b"', '--metric "high"'])
    assert.ok(bad.stderr.includes(option), option);
  assert.ok(!bad.stderr.includes('12x'));
  const together = await run('a.img.xz', '--apn-password', 'hunter2');
  assert.equal(together.exitCode, 2);
  assert.match(together.stderr, /--apn-password is given without --apn-user/);
  const shown = await run('a.img.xz', '--apn-user', 'me', '--apn-password', 'hunter2', '--dry-run');
  assertDone(shown);
  assert.match(shown.stdout, /^\+ password=\(secret\)$/m);
  assert.match(shown.stderr, /anyone who can read a\.img\.xz/);
  assert.ok(!`${shown.stdout}${shown.stderr}${together.stderr}`.includes('hunter2'));
  assert.match((await run('a.img.xz')).stderr, /no setting is given/);
  assert.match((await run('a.img.xz', '--apn', OLD_APN)).stdout, /has these settings already/);
  assert.deepEqual(await readFolder(folder), before);
});

test('an image that cannot take settings is refused, with what to do', async (t) => {
  const { context, folder, run } = await setUp(t);
  await makeImage(context, 'old.img', { boot: { '/config.txt': 'x' } });
  await context.exec(['xz', '-k', '-0', join(folder, 'old.img')]);
  await context.exec(['gzip', '-k', join(folder, 'old.img')]);
  const said = async (name: string) => (await run(name, '--apn', 'x.y')).stderr;
  assert.match(await said('old.img'), /old\.img has no wwanpi\.txt.*\n.*build the image again/);
  assert.match(await said('old.img.xz'), /no wwanpi\.txt that can be changed in it/);
  assert.match(await said('old.img.gz'), /gunzip old\.img\.gz/);
  assert.match(await said('nothing.img'), /no such file/);
  await writeFile(join(folder, 'notes'), 'x'.repeat(600));
  assert.match(await said('notes'), /is not a disk image/);
});

test('the sums of a damaged image do not come out right', async (t) => {
  const { folder, run } = await setUp(t);
  const path = join(folder, 'a.img.xz');
  const bytes = await readFile(path);
  bytes[bytes.length - 2000] = (bytes[bytes.length - 2000] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const before = await readFolder(folder);
  const result = await run('a.img.xz', '--apn', NEW_APN);
  assert.equal(result.exitCode, 5, result.stderr);
  assert.match(result.stderr, /is not the file that SHA256SUMS lists; nothing was changed/);
  assert.deepEqual(await readFolder(folder), before);
});

test('a run that was killed before the sums is finished by the same with --force', async (t) => {
  const { context, folder, run } = await setUp(t);
  const stale = ['SHA256SUMS', 'a.bmap', 'a.manifest.json', 'a.img'];
  const kept = await Promise.all(
    stale.map(async (name) => [name, await readFile(join(folder, name))] as const),
  );
  assertDone(await run('a.img.xz', '--apn', NEW_APN));
  const done = await readFolder(folder);
  for (const [name, bytes] of kept) await writeFile(join(folder, name), bytes);
  assert.match((await run('a.img.xz', '--apn', 'x.y')).stderr, /is not the file that SHA256SUMS lists/);
  assertDone(await run('a.img.xz', '--apn', NEW_APN, '--force'));
  await context.exec(['sha256sum', '--check', '--strict', 'SHA256SUMS'], { cwd: folder });
  assert.deepEqual(await readFolder(folder), done);
});

test('the new sums are signed', async (t) => {
  const { context, folder, run } = await setUp(t);
  const key = await (await makeSigningKeys(t, context)).minisign('key');
  await rm(join(folder, 'a.img'));
  assertDone(await run('a.img.xz', '--apn', NEW_APN, '--sign', key.secret));
  await context.exec(['minisign', '-V', '-q', '-p', key.public, '-m', join(folder, 'SHA256SUMS')]);
});

test("a file of one's own that has no room says where there is some", async (t) => {
  const { context, run } = await setUp(t);
  const text = `apn=internet\r\n${'# a comment\r\n'.repeat(60)}`;
  await makeImage(context, 'small.img', { boot: { '/wwanpi.txt': text } });
  const result = await run('small.img', '--apn', NEW_APN);
  assert.equal(result.exitCode, 2);
  assert.match(result.stderr, /has no room for these values\n.*mount the card/);
});
