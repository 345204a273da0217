import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BootReport } from '../../src/boot/boot-report.ts';
import { findMisfit } from '../../src/boot/fit-scenario.ts';
import { SCENARIOS } from '../../src/boot/scenarios.ts';
import { createExec } from '../../src/tools/exec.ts';
import { bootPi, buildPi, makeOwnFiles } from '../helpers/long-boots.ts';
import { formatScenarioTable } from '../helpers/scenario-table.ts';

/** `make test-long`: every scenario of a few minutes, each on a whole image of debian-bookworm. */
describe('the scenarios', () => {
  let folder = '';
  let plain = '';
  let withUser = '';
  let withPackages = '';
  const reports = new Map<string, BootReport>();
  const scenarios = SCENARIOS.filter(
    (each) => each.timeoutMs === undefined && findMisfit(each, 'ifupdown') === undefined,
  );

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-long-'));
    plain = await buildPi(folder, 'plain', '--pin', '1234');
    withUser = await buildPi(folder, 'with-user', '--apn-user', 'user', '--apn-password', 'Secret#1');
    withPackages = await buildPi(folder, 'with-packages', ...(await makeOwnFiles(folder)));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  // Side by side: every time is the guest's, so that another boot beside it changes nothing.
  describe('each of them', { concurrency: availableParallelism() }, () => {
    for (const { name, network, expected } of scenarios) {
      test(name, async (t) => {
        const hasOwn = expected.verdict === 'online' && expected.firstBootWithinMs !== undefined;
        const image = hasOwn ? withPackages : network.credentials ? withUser : plain;
        reports.set(name, await bootPi(t, image, name, '--timeout', '480'));
      });
    }
  });

  test('a missing modem does not slow the boot down', () => {
    const seconds = (name: string) => reports.get(name)?.bootSeconds ?? Number.NaN;
    assert.ok(seconds('no-stick') < 1.2 * seconds('wrong-apn'), `${seconds('no-stick')} s`);
  });

  test('the mobile network reaches SSH where the image opens it, and nothing where it does not', async (t) => {
    const find = ({ milestones }: BootReport) => milestones.find(({ name }) => name === 'closed')?.evidence;
    const closed = reports.get('online');
    assert.equal(closed && find(closed), 'of 8 ports tried, none answers');
    const key = join(folder, 'key');
    await createExec({ signal: t.signal })(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const image = await buildPi(folder, 'ssh', '--ssh-key', `${key}.pub`, '--wwan-allow', 'ssh');
    const opened = find(await bootPi(t, image, 'ssh')) ?? '';
    assert.match(opened, /^of 8 ports tried, only 22 \(open, SSH-2\.0-OpenSSH_\S+.*\) answers$/);
  });

  test('what was measured', (t) => {
    for (const line of formatScenarioTable(scenarios, reports).split('\n')) t.diagnostic(line);
    assert.deepEqual([...reports.keys()].sort(), scenarios.map(({ name }) => name).sort());
  });
});
