import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGuard } from '../../../src/modem/guard.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';

test('the first error is told, and nothing runs after it, timers included', () => {
  const told: string[] = [];
  const ran: string[] = [];
  const guard = createGuard((why) => told.push(why));
  const host = createManualClock();
  const clock = guard.watch(host);
  clock.after(10, () => ran.push('early'));
  clock.after(20, function breakDown() {
    throw new RangeError('out of the buffer');
  });
  clock.after(30, () => ran.push('late'));
  host.advance(100);
  guard.run(() => ran.push('later'));
  assert.deepEqual(ran, ['early']);
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /^RangeError: out of the buffer \(in breakDown\)$/);
  assert.equal(clock.now(), host.now());
});
