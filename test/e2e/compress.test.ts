import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, test } from 'node:test';
import type { Argv } from '../../src/core/exec.ts';
import { createExec } from '../../src/tools/exec.ts';
import { hashFile } from '../../src/tools/files/hash.ts';
import { type CliOptions, type CliResult, runCli } from '../helpers/cli.ts';
import { linkCache } from '../helpers/linked-cache.ts';
import { waitFor } from '../helpers/wait-for.ts';

/** Compressed images through the built CLI, at quick levels. */
describe('a compressed image of debian-bookworm', () => {
  const exec = createExec({ signal: new AbortController().signal });
  let folder = '';
  const build = (out: string, args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
    runCli(
      [
        ...['build', '--base', 'debian-bookworm', '--apn', 'internet', '--name', 'a', ...args],
        ...['--output', join(folder, out), '--cache-dir', join(folder, 'cache')],
      ],
      options,
    );
  const readManifest = async (out: string) =>
    JSON.parse(await readFile(join(folder, out, 'a.manifest.json'), 'utf8'));
  const checkSums = (out: string) =>
    exec(['sha256sum', '--strict', '--check', '--quiet', 'SHA256SUMS'], { cwd: join(folder, out) });

  // All that is slow to make comes from the cache that is there; the blocks have one of their own.
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-pack-'));
    await linkCache(join(folder, 'cache'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('.xz: on one processor with a cold cache, then on all with a warm one, the same bytes', async () => {
    const cold = await build('one', ['--compress', 'xz', '--level', '0'], {
      wrapper: ['taskset', '-c', '0'],
    });
    assert.equal(cold.exitCode, 0, cold.stderr);
    assert.match(cold.stdout, /^Compressed: .*a\.img\.xz \(/m);
    await checkSums('one');
    const warm = await build('all', ['--compress', 'xz', '--level', '0', '--no-keep-image']);
    assert.equal(warm.exitCode, 0, warm.stderr);
    await checkSums('all');

    const sha256 = await hashFile(join(folder, 'one/a.img.xz'));
    assert.equal(await hashFile(join(folder, 'all/a.img.xz')), sha256);
    assert.deepEqual(await readManifest('one'), await readManifest('all'));
    const names = await readdir(join(folder, 'one'));
    assert.deepEqual(
      (await readdir(join(folder, 'all'))).sort(),
      names.filter((name) => name !== 'a.img').sort(),
    );
    const { image } = await readManifest('all');
    assert.equal(await hashOutput(['xz', '-d', '-c', '-T2', join(folder, 'all/a.img.xz')]), image.sha256);
    assert.equal(await hashFile(join(folder, 'one/a.img')), image.sha256);
  });

  test('a further carrier of a fleet has the bytes of an image made alone, its .img kept or not', async () => {
    const file = join(folder, 'fleet.json');
    // Longer values, so that what the image before left behind would show.
    const before = { name: 'b', apn: 'a-much-longer-apn.example', hostname: 'b', password: 'hunter2' };
    const images = [before, { name: 'a', apn: 'internet' }];
    await writeFile(file, JSON.stringify({ defaults: { base: 'debian-bookworm', level: 0 }, images }));
    for (const [out, args] of [
      ['copies', ['--no-keep-image']],
      ['kept', []],
    ] as const) {
      const cacheDir = join(folder, 'cache');
      const options = ['--jobs', '1', '--output', join(folder, out), '--cache-dir', cacheDir, ...args];
      const made = await runCli(['fleet', file, ...options]);
      assert.equal(made.exitCode, 0, made.stderr);
      await checkSums(out);
      const [alone, further] = [await readManifest('one'), await readManifest(out)];
      // All but how it was asked for.
      assert.deepEqual({ ...further, options: alone.options }, alone);
      const suffixes = ['.img.xz', '.bmap', '.sbom.json', ...(out === 'kept' ? ['.img'] : [])];
      for (const name of suffixes.map((suffix) => `a${suffix}`)) {
        assert.equal(
          await hashFile(join(folder, out, name)),
          await hashFile(join(folder, 'one', name)),
          name,
        );
        const { mode } = await stat(join(folder, out, name));
        assert.equal(mode, (await stat(join(folder, 'one', name))).mode, name);
      }
      assert.deepEqual(
        (await readdir(join(folder, out))).filter((name) => /partial|copy/.test(name)),
        [],
      );
    }
  });

  test('.xz: wwanpi set changes the APN in it, and the files beside it follow', async () => {
    const path = join(folder, 'all/a.img.xz');
    const changed = await runCli(['set', path, '--apn', 'web.vodafone.de'], {
      env: { XDG_CACHE_HOME: join(folder, 'cache') },
    });
    assert.equal(changed.exitCode, 0, changed.stderr);
    assert.match(changed.stdout, /^- apn=internet\n\+ apn=web\.vodafone\.de$/m);
    await exec(['xz', '--test', path]);
    await checkSums('all');
    const { image, options } = await readManifest('all');
    assert.equal(options.apn, 'web.vodafone.de');
    assert.equal(await hashOutput(['xz', '-d', '-c', '-T2', path]), image.sha256);
    await exec(['bmaptool', '-q', 'copy', path, join(folder, 'card')]);
  });

  test('.zst: whole, its packer named in the manifest; the .xz of an earlier build of this name goes', async () => {
    const built = await build('one', ['--compress', 'zstd', '--level', '1']);
    assert.equal(built.exitCode, 0, built.stderr);
    await checkSums('one');
    const names = await readdir(join(folder, 'one'));
    assert.ok(names.includes('a.img') && names.includes('a.img.zst') && !names.includes('a.img.xz'));
    const { image, tools } = await readManifest('one');
    assert.match(tools.zstd.version, /\d/);
    assert.equal(await hashOutput(['zstd', '-d', '-c', join(folder, 'one/a.img.zst')]), image.sha256);
  });

  test('an interrupt during compression leaves nothing', async () => {
    const listBlocks = () => readdir(join(folder, 'cache/blocks'), { recursive: true });
    const before = (await listBlocks()).length;
    let isUnderWay = false;
    let isOver = false;
    const result = await build('none', ['--compress', 'xz', '--level', '9'], {
      onStderr: (_text, kill) => {
        if (isUnderWay) return;
        isUnderWay = true;
        const isTime = async () => isOver || (await listBlocks()).length > before + 5;
        void waitFor('some packed blocks', isTime).then(() => kill('SIGINT'));
      },
    });
    isOver = true;
    assert.equal(result.exitCode, 130, result.stderr);
    assert.deepEqual(await readdir(join(folder, 'none')), []);
    assert.deepEqual(
      (await listBlocks()).filter((name) => name.includes('.partial-')),
      [],
    );
  });

  test('options that do not go together are all named at once', async () => {
    const result = await build('none', ['--level', '6', '--no-keep-image', '--metric', 'x']);
    assert.equal(result.exitCode, 2, result.stderr);
    for (const fault of [
      /--level needs --compress/,
      /--keep-image can be false only with --compress/,
      /--metric/,
    ])
      assert.match(result.stderr, fault);
  });
});

/** The SHA-256 of what a program prints, which is more than fits on a small disk. */
async function hashOutput([program, ...args]: Argv): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const hash = createHash('sha256');
  await pipeline(child.stdout, hash);
  assert.equal(await ended, 0, program);
  return hash.digest('hex');
}
