import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BootReport } from '../../src/boot/boot-report.ts';
import { findMisfit } from '../../src/boot/fit-scenario.ts';
import { SCENARIOS } from '../../src/boot/scenarios.ts';
import type { Stack } from '../../src/core/model.ts';
import { bootPi, buildPi, makeOwnFiles } from './long-boots.ts';
import { formatScenarioTable } from './scenario-table.ts';

/**
 * Tests, within a `describe`, every scenario of a few minutes that says something about the stack, each on a whole image
 * of the base, and prints what was measured. Answers the reports, which later tests can look at.
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
  const scenarios = SCENARIOS.filter(
    (each) => each.timeoutMs === undefined && findMisfit(each, stack) === undefined,
  );

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-long-'));
    const build = (name: string, ...options: readonly string[]) =>
      buildPi(folder, name, '--base', base, ...options);
    plain = await build('plain', '--pin', '1234');
    withUser = await build('with-user', '--apn-user', 'user', '--apn-password', 'Secret#1');
    withPackages = await build('with-packages', ...(await makeOwnFiles(folder)));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  // Side by side: every time is the guest's, so that another boot beside it changes nothing.
  describe('each of them', { concurrency: availableParallelism() }, () => {
    for (const { name, network, expected } of scenarios) {
      test(name, async (t) => {
        const hasOwn = expected.verdict === 'online' && expected.firstBootWithinMs !== undefined;
        const image = hasOwn ? withPackages : network.credentials ? withUser : plain;
        reports.set(name, await bootPi(t, image, name, '--timeout', String(timeoutSeconds)));
      });
    }
  });

  test('what was measured', (t) => {
    for (const line of formatScenarioTable(scenarios, reports).split('\n')) t.diagnostic(line);
    assert.deepEqual([...reports.keys()].sort(), scenarios.map(({ name }) => name).sort());
  });
  return reports;
}
