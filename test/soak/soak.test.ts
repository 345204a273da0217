import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findScenario, SCENARIOS } from '../../src/boot/scenarios.ts';
import { bootPi, buildPi } from '../helpers/long-boots.ts';
import { formatScenarioTable } from '../helpers/scenario-table.ts';

/** `make soak`: an hour of the guest's time. `SEED=7 make soak` drops other things at other moments. */
test('an hour of random drops: online again after each, and nothing grows', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-soak-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const seed = process.env.SEED ?? '1';
  const report = await bootPi(t, await buildPi(folder, 'pi'), 'soak', '--seed', seed);
  const drops = report.recoveries.length;
  assert.ok(drops >= 17, `${drops} drops`);
  if (seed === '1') assert.equal(drops, findScenario('soak')?.behaviour.faults?.length);
  for (const { what, seconds } of report.recoveries) t.diagnostic(`${what}: ${seconds} s`);
  for (const line of formatScenarioTable(SCENARIOS, new Map([['soak', report]])).split('\n'))
    t.diagnostic(line);
});
