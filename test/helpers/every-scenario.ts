import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BootReport } from '../../src/boot/boot-report.ts';
import { findMisfit, getDifference } from '../../src/boot/fit-scenario.ts';
import { findWholeBootReason } from '../../src/boot/fit-snapshot.ts';
import type { Scenario } from '../../src/boot/scenario.ts';
import { SCENARIOS } from '../../src/boot/scenarios.ts';
import type { Stack } from '../../src/core/model.ts';
import { bootPi, buildPi, makeOwnFiles } from './long-boots.ts';
import { formatScenarioTable } from './scenario-table.ts';

/** Booted whole as well as from a snapshot, to prove that both judge alike: online, offline, and with two leases. */
const BOTH_WAYS = ['online', 'wrong-apn', 'replug'];

/**
 * Tests, within a `describe`, every scenario of a few minutes that says something about the stack, each on an image of
 * the base, and prints what was measured. A scenario that is about the boot is booted whole, the others start from a
 * snapshot. Answers the reports, of whole boots where there are both, which later tests can look at.
 * @param timeoutSeconds of the guest's time, for each boot
 */
export function testScenarios(
  stack: Stack,
  base: string,
  timeoutSeconds: number,
): ReadonlyMap<string, BootReport> {
  let folder = '';
  let plain = '';
  let withUser = '';
  let withPackages = '';
  const reports = new Map<string, BootReport>();
  const fromSnapshot = new Map<string, BootReport>();
  const scenarios = SCENARIOS.filter(
    (each) => each.timeoutMs === undefined && findMisfit(each, stack) === undefined,
  );
  /** A snapshot takes a boot of its own, so only the image of most scenarios has one. */
  const isShort = (scenario: Scenario) =>
    !scenario.network.credentials && findWholeBootReason(scenario, {}) === undefined;
  const isBoth = ({ name }: Scenario) => BOTH_WAYS.includes(name);

  const boot = (...[t, image, name, ...options]: Parameters<typeof bootPi>) =>
    bootPi(t, image, name, '--timeout', String(timeoutSeconds), ...options);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-long-'));
    const build = (name: string, ...options: readonly string[]) =>
      buildPi(folder, name, '--base', base, ...options);
    plain = await build('plain', '--pin', '1234', '--extra-tree', await makeHostKey(folder));
    withUser = await build('with-user', '--apn-user', 'user', '--apn-password', 'Secret#1');
    withPackages = await build('with-packages', ...(await makeOwnFiles(folder)));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const testWhole = ({ name, network, expected }: Scenario) =>
    test(`${name}, by a whole boot`, async (t) => {
      const hasOwn = expected.verdict === 'online' && expected.firstBootWithinMs !== undefined;
      const image = hasOwn ? withPackages : network.credentials ? withUser : plain;
      reports.set(name, await boot(t, image, name));
    });
  const testShort = (scenario: Scenario) =>
    test(`${scenario.name}, from a snapshot`, async (t) => {
      const report = await boot(t, plain, scenario.name, '--from-snapshot');
      assert.notEqual(report.snapshotSeconds, null);
      fromSnapshot.set(scenario.name, report);
      if (!isBoth(scenario)) reports.set(scenario.name, report);
    });

  // Side by side: every time is the guest's, so that another boot beside it changes nothing.
  describe('each of them', { concurrency: availableParallelism() }, () => {
    // The first takes the snapshot. It is there long before the others come, after the whole boots.
    const [first, ...others] = scenarios.filter(isShort);
    if (first !== undefined) testShort(first);
    for (const each of scenarios.filter((scenario) => !isShort(scenario) || isBoth(scenario)))
      testWhole(each);
    for (const each of others) testShort(each);
  });

  test('a snapshot judges as a whole boot does', () => {
    const judge = (report: BootReport | undefined) => {
      assert.ok(report !== undefined);
      const { verdict, passed, failed, milestones, recoveries } = report;
      const states = milestones.map(({ name, state }) => `${name}: ${state}`);
      return { verdict, passed, failed, states, recoveries: recoveries.map(({ what }) => what) };
    };
    for (const name of BOTH_WAYS)
      assert.deepEqual(judge(fromSnapshot.get(name)), judge(reports.get(name)), name);
  });

  test('what was measured', (t) => {
    const fitted = scenarios.map((each) => ({
      ...each,
      expected: getDifference(each, stack).expected ?? each.expected,
    }));
    for (const line of formatScenarioTable(fitted, reports).split('\n')) t.diagnostic(line);
    assert.deepEqual([...reports.keys()].sort(), scenarios.map(({ name }) => name).sort());
  });
  return reports;
}

/**
 * A tree with a file in the place of an SSH host key; SSH is off. Without one the image makes keys at its first start, for
 * which the emulated processor takes one to four minutes, at random. The images with a user and with packages do so.
 */
async function makeHostKey(folder: string): Promise<string> {
  const tree = join(folder, 'host-key');
  await mkdir(join(tree, 'etc/ssh'), { recursive: true });
  await writeFile(join(tree, 'etc/ssh/ssh_host_ed25519_key'), 'none\n');
  return tree;
}
