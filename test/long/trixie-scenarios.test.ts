import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BootReport } from '../../src/boot/boot-report.ts';
import { findMisfit } from '../../src/boot/fit-scenario.ts';
import { SCENARIOS } from '../../src/boot/scenarios.ts';
import { bootPi, buildPi, makeOwnFiles } from '../helpers/long-boots.ts';
import { formatScenarioTable } from '../helpers/scenario-table.ts';

/** `make test-long`: every scenario of a few minutes that says something about NetworkManager, on debian-trixie-arm64. */
describe('the scenarios with NetworkManager', () => {
  let folder = '';
  let plain = '';
  let withUser = '';
  let withPackages = '';
  const reports = new Map<string, BootReport>();
  const scenarios = SCENARIOS.filter(
    (each) => each.timeoutMs === undefined && findMisfit(each, 'networkmanager') === undefined,
  );

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-long-'));
    const build = (name: string, ...options: readonly string[]) =>
      buildPi(folder, name, '--base', 'debian-trixie-arm64', ...options);
    plain = await build('plain', '--pin', '1234');
    withUser = await build('with-user', '--apn-user', 'user', '--apn-password', 'Secret#1');
    withPackages = await build('with-packages', ...(await makeOwnFiles(folder)));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  describe('each of them', { concurrency: availableParallelism() }, () => {
    for (const { name, network, expected } of scenarios) {
      test(name, async (t) => {
        const hasOwn = expected.verdict === 'online' && expected.firstBootWithinMs !== undefined;
        const image = hasOwn ? withPackages : network.credentials ? withUser : plain;
        reports.set(name, await bootPi(t, image, name, '--timeout', '600'));
      });
    }
  });

  test('what was measured', (t) => {
    for (const line of formatScenarioTable(scenarios, reports).split('\n')) t.diagnostic(line);
    assert.deepEqual([...reports.keys()].sort(), scenarios.map(({ name }) => name).sort());
  });
});
