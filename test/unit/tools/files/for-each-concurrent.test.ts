import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { forEachConcurrent } from '../../../../src/tools/files/for-each-concurrent.ts';

test('does every item once, never more at a time than it may', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await forEachConcurrent([5, 1, 3, 2, 4], 2, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await delay(item);
    running -= 1;
    done.push(item);
  });
  assert.equal(most, 2);
  assert.deepEqual(done.sort(), [1, 2, 3, 4, 5]);
  await forEachConcurrent([], 3, async () => assert.fail('there is nothing'));
});

test('what fails first is thrown when the others have ended, and no more are begun', async () => {
  const ended: number[] = [];
  const run = forEachConcurrent([1, 2, 3, 4, 5], 2, async (item) => {
    await delay(item === 1 ? 1 : 20);
    ended.push(item);
    if (item <= 2) throw new Error(`item ${item}`);
  });
  await assert.rejects(run, /item 1/);
  assert.deepEqual(ended, [1, 2]);
});
