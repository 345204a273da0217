import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { FleetResult } from '../../src/fleet-state.ts';
import { packageRoot } from '../../src/paths.ts';
import { createExec } from '../../src/tools/exec.ts';
import { type CliResult, runCli } from '../helpers/cli.ts';

/** One with a plain APN, one whose carrier asks for user and password, one of a third country. */
const BOOTED = ['us-metropcs', 'gb-ee', 'de-telekom'];

/** The example fleet, whole: 25 images, each looked into, three booted. */
describe('the example fleet on debian-bookworm', () => {
  let out = '';
  let made: CliResult;
  let entries: FleetResult[] = [];

  before(async () => {
    out = await mkdtemp(join(tmpdir(), 'wwanpi-fleet-'));
    const file = join(packageRoot, 'examples/fleet.yaml');
    made = await runCli(['fleet', file, '--base', 'debian-bookworm', '--output', out]);
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
      const dialled = [...text.matchAll(/APN=(\S+) \/usr\/bin\/flock /g)].map((match) => match[1]);
      assert.deepEqual([...new Set(dialled)], [apn], name);
      const sent = [...text.matchAll(/AT\^NDISDUP=1,1,"([^"]*)"/g)].map((match) => match[1]);
      assert.deepEqual([...new Set(sent)], [apn], name);
    }
  });

  for (const name of BOOTED) {
    test(`${name} boots and comes online`, async () => {
      const result = await runCli(['boot', join(out, `${name}.img`)]);
      assert.equal(result.exitCode, 0, result.stdout + result.stderr);
    });
  }
});
