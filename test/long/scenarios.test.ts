import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { BootReport } from '../../src/boot/boot-report.ts';
import { createTestContext } from '../helpers/context.ts';
import { testScenarios } from '../helpers/every-scenario.ts';
import { bootPi, buildPi } from '../helpers/long-boots.ts';

/** `make test-long`: every scenario of a few minutes, each on a whole image of debian-bookworm. */
describe('the scenarios', () => {
  const reports = testScenarios('ifupdown', 'debian-bookworm', 480);

  test('a missing modem does not slow the boot down', () => {
    const seconds = (name: string) => reports.get(name)?.bootSeconds ?? Number.NaN;
    assert.ok(seconds('no-stick') < 1.2 * seconds('wrong-apn'), `${seconds('no-stick')} s`);
  });

  test('the mobile network reaches SSH where the image opens it, and nothing where it does not', async (t) => {
    const find = ({ milestones }: BootReport) => milestones.find(({ name }) => name === 'closed')?.evidence;
    const closed = reports.get('online');
    assert.equal(closed && find(closed), 'of 8 ports tried, none answers');
    const { exec, tmpDir } = await createTestContext(t);
    const key = join(tmpDir, 'key');
    await exec(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const image = await buildPi(tmpDir, 'ssh', '--ssh-key', `${key}.pub`, '--wwan-allow', 'ssh');
    const opened = find(await bootPi(t, image, 'ssh')) ?? '';
    assert.match(opened, /^of 8 ports tried, only 22 \(open, SSH-2\.0-OpenSSH_\S+.*\) answers$/);
  });
});
