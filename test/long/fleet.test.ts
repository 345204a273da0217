import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { packageRoot } from '../../src/core/package.ts';
import type { FleetResult } from '../../src/fleet/fleet-state.ts';
import { createExec } from '../../src/tools/exec.ts';
import { type CliResult, runCli } from '../helpers/cli.ts';
import { linkCache } from '../helpers/linked-cache.ts';

/** One with a plain APN, one whose carrier asks for user and password, one of a third country. */
const BOOTED = ['us-metropcs', 'gb-ee', 'de-telekom'];

/** Of xz: quick. */
const LEVEL = '0';

/** The example fleet, whole: 25 images, each looked into, three booted. */
describe('the example fleet on debian-bookworm', () => {
  const file = join(packageRoot, 'examples/fleet.yaml');
  let out = '';
  let made: CliResult;
  let entries: FleetResult[] = [];

  before(async () => {
    out = await mkdtemp(join(tmpdir(), 'wwanpi-fleet-'));
    made = await runCli(['fleet', file, '--base', 'debian-bookworm', '--level', LEVEL, '--output', out]);
    entries = JSON.parse(await readFile(join(out, 'fleet.json'), 'utf8')).entries;
  });
  after(() => rm(out, { recursive: true, force: true }));

  test('is made, and its sums hold', async () => {
    assert.equal(made.exitCode, 0, made.stderr);
    assert.ok(entries.length >= 20);
    assert.ok(entries.every(({ verdict }) => verdict === 'built'));
    const exec = createExec({ signal: new AbortController().signal });
    await exec(['sha256sum', '--strict', '--check', '--quiet', 'SHA256SUMS'], { cwd: out });
  });

  test('every image passes inspect and has the APN of its carrier where it is dialled', async () => {
    for (const { name, apn } of entries) {
      const { exitCode, stdout } = await runCli(['inspect', '--json', join(out, `${name}.img`)]);
      assert.equal(exitCode, 0, name);
      const { libqmi, files } = JSON.parse(stdout);
      assert.equal(libqmi.filter(({ held }: { held: boolean }) => held).length, 3, name);
      const text: string = files.map((file: { text: string | null }) => file.text ?? '').join('\n');
      const dialled = [...text.matchAll(/APN=(\S+) \/usr\/lib\/wwanpi\/dial start/g)].map(
        (match) => match[1],
      );
      assert.deepEqual([...new Set(dialled)], [apn], name);
      const sent = [...text.matchAll(/AT\^NDISDUP=1,1,"([^"]*)"/g)].map((match) => match[1]);
      assert.deepEqual([...new Set(sent)], [apn], name);
    }
  });

  test('made in another order, one at a time, with no block cached, all files are the same bytes', async () => {
    const { images, defaults } = parse(await readFile(file, 'utf8'));
    const reversed = join(out, 'reversed.json');
    await writeFile(reversed, JSON.stringify({ defaults, images: images.toReversed() }));
    await linkCache(join(out, 'cache'));
    const other = join(out, 'other');
    const args = ['--base', 'debian-bookworm', '--level', LEVEL, '--no-keep-image', '--jobs', '1'];
    const again = await runCli([
      ...['fleet', reversed, ...args, '--output', other, '--cache-dir', join(out, 'cache')],
    ]);
    assert.equal(again.exitCode, 0, again.stderr);
    const hashes = async (folder: string) => {
      const fleet = JSON.parse(await readFile(join(folder, 'fleet.json'), 'utf8'));
      const files = (fleet.entries as FleetResult[]).flatMap((entry) => entry.files);
      return files
        .filter(({ kind }) => kind !== 'image')
        .map(({ name, sha256 }) => `${sha256} ${name}`)
        .sort();
    };
    assert.deepEqual(await hashes(other), await hashes(out));
  });

  for (const name of BOOTED) {
    test(`${name} boots and comes online`, async () => {
      const result = await runCli(['boot', join(out, `${name}.img`)]);
      assert.equal(result.exitCode, 0, result.stdout + result.stderr);
    });
  }
});
