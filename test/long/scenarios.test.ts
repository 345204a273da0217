import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SCENARIOS } from '../../src/modem/scenarios.ts';
import type { BootReport } from '../../src/steps/boot/boot-report.ts';
import { runCli } from '../helpers/cli.ts';

/** `make test-long`: every scenario that ships, each on a whole image of debian-bookworm. */
describe('the scenarios', () => {
  let folder = '';
  const reports = new Map<string, BootReport>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-long-'));
    const plain = ['--base', 'debian-bookworm', '--apn', 'internet', '--output', folder];
    const withUser = ['--apn-user', 'user', '--apn-password', 'Secret#1'];
    for (const args of [
      [...plain, '--name', 'plain'],
      [...plain, ...withUser, '--name', 'with-user'],
    ]) {
      const built = await runCli(['build', ...args]);
      assert.equal(built.exitCode, 0, built.stderr);
    }
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const { name, network } of SCENARIOS) {
    test(name, async (t) => {
      const image = join(folder, network.credentials ? 'with-user.img' : 'plain.img');
      const json = join(folder, `${name}.json`);
      await mkdir(join(folder, name));
      const args = ['--scenario', name, '--json', json, '--keep', join(folder, name), '--timeout', '480'];
      const { exitCode, stdout, stderr } = await runCli(['boot', image, ...args]);
      t.diagnostic(stdout);
      assert.equal(exitCode, 0, stdout + stderr);
      reports.set(name, JSON.parse(await readFile(json, 'utf8')));
    });
  }

  test('a stick that is missing does not slow the boot down', () => {
    const seconds = (name: string) => reports.get(name)?.bootSeconds ?? Number.NaN;
    assert.ok(seconds('no-stick') < 1.2 * seconds('wrong-apn'), `${seconds('no-stick')} s`);
  });
});
