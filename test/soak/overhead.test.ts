import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bootPi, buildPi } from '../helpers/long-boots.ts';

/**
 * What the supervisor costs a Pi that is online and does nothing: the same ten minutes with and without it. Measured,
 * not judged: an emulated processor's seconds are not a Pi's.
 */
test('the overhead of the supervisor on an idle Pi', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-overhead-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const measure = async (name: string, ...options: string[]) => {
    const { quiet } = await bootPi(t, await buildPi(folder, name, ...options), 'idle');
    assert.ok(quiet !== null && quiet.seconds > 400, JSON.stringify(quiet));
    return quiet;
  };
  const on = await measure('on');
  const off = await measure('off', '--supervisor', 'off');
  assert.equal(off.supervisor, null);
  assert.ok(on.supervisor !== null);
  const { wakeupsPerMinute, processorSecondsPerHour } = on.supervisor;
  const more = (what: 'systemForksPerMinute' | 'systemSwitchesPerMinute') =>
    `${on[what]} with it, ${off[what]} without`;
  t.diagnostic(
    `supervisor: ${wakeupsPerMinute} wake-ups a minute, ${processorSecondsPerHour} processor s an hour`,
  );
  t.diagnostic(`processes started a minute, by all (the probe too): ${more('systemForksPerMinute')}`);
  t.diagnostic(`switches between processes a minute, by all: ${more('systemSwitchesPerMinute')}`);
});
