import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { soak } from '../../../src/boot/soak.ts';
import { parseBehaviour } from '../../../src/modem/behaviour.ts';

const seeds = fc.integer({ min: 0, max: 0xffff_ffff });
const drops = (seed: number, minutes: number) => soak({ seed, minutes }).behaviour.faults ?? [];

test('the same seed drops the same things at the same moments, another seed others', () => {
  assert.deepEqual(drops(7, 60), drops(7, 60));
  assert.notDeepEqual(drops(7, 60), drops(8, 60));
});

test('every kind of drop comes within the time, and none before the recovery limit of the previous drop', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 30, max: 240 }), (seed, minutes) => {
      const { behaviour, expected, timeoutMs = 0 } = soak({ seed, minutes });
      const faults = parseBehaviour(behaviour).faults;
      assert.ok(expected.verdict === 'online' && expected.recoversWithinMs !== undefined);
      assert.deepEqual([...new Set(faults.map(({ what }) => what))].sort(), [
        'call',
        'clients',
        'data',
        'hang',
        'network',
        'usb',
      ]);
      let freeAtMs = 180_000;
      for (const { after, ms, what, forMs = 0 } of faults) {
        assert.equal(after, 'fetch');
        assert.ok(ms >= freeAtMs && ms < minutes * 60_000);
        const boundMs = what === 'hang' ? expected.hangRecoversWithinMs : expected.recoversWithinMs;
        freeAtMs = ms + forMs + (boundMs ?? 0);
      }
      assert.ok(timeoutMs >= freeAtMs + (expected.steadyForMs ?? 0));
    }),
  );
});

test('an hour has about two dozen drops', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const { length } = drops(seed, 60);
    assert.ok(length >= 17 && length <= 32, `seed ${seed}: ${length}`);
  }
});
