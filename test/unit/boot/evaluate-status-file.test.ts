import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateStatusFile } from '../../../src/boot/evaluate-status-file.ts';
import type { BootTest } from '../../../src/boot/milestone-result.ts';
import { createBootRecord, createBootTest } from '../../helpers/boot-records.ts';

const ONLINE = 'CONNECTION\n  LTE: online, Test Mobile, 10.64.64.10, signal\n  good\n';
const fetched = [58, 'fetch ok online'] as const;

function evaluate(
  statusFile: string | undefined,
  probe: readonly (readonly [number, string])[],
  seconds = 100,
) {
  const bootTest = createBootTest('online');
  const withFile: BootTest = { ...bootTest, setup: { ...bootTest.setup, hasStatusFile: true } };
  const record = { ...createBootRecord({ seconds, probe }), statusFile };
  const { state, evidence } = evaluateStatusFile(withFile, record);
  return `${state}: ${evidence}`;
}

test('the status file on the disk has to say that the Pi is online, wherever its lines break', () => {
  assert.match(
    evaluate(ONLINE, [fetched]),
    /^met: it says "LTE: online, Test Mobile, 10\.64\.64\.10, signal "/,
  );
  assert.equal(evaluate(ONLINE, []), 'pending: not online yet');
  assert.match(evaluate('Nothing yet', [fetched]), /^pending: the status file does not say "LTE: online/);
  assert.match(evaluate('Nothing yet', [fetched], 300), /^failed: the status file does not say "LTE: online/);
  assert.match(evaluate(undefined, [fetched], 300), /^failed: /);
});

test('an image without one, and a scenario that does not read it', () => {
  assert.equal(evaluateStatusFile(createBootTest('online'), createBootRecord({})).state, 'skipped');
  assert.equal(evaluateStatusFile(createBootTest('replug'), createBootRecord({})).state, 'skipped');
});
