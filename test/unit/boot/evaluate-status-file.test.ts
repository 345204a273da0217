import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateMilestones } from '../../../src/boot/evaluate-milestones.ts';
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

test('a fault that comes before it is written does not hide it', () => {
  const { scenario, setup, ...others } = createBootTest('network-detach');
  const expected = { ...scenario.expected, statusFile: ['LTE: online'] };
  const bootTest = {
    ...others,
    scenario: { ...scenario, expected },
    setup: { ...setup, hasStatusFile: true },
  };
  const fault = [68, { type: 'fault', what: 'call', state: 'begin' }] as const;
  const evaluateAt = (seconds: number, statusFile: string) => {
    const record = { ...createBootRecord({ seconds, probe: [fetched], events: [fault] }), statusFile };
    return evaluateMilestones(bootTest, record).get('status-file')?.state;
  };
  assert.equal(evaluateAt(120, 'Nothing yet'), 'pending');
  assert.equal(evaluateAt(120, ONLINE), 'met');
  assert.equal(evaluateAt(300, 'Nothing yet'), 'failed');
});

test('an image without one, and a scenario that does not read it', () => {
  assert.equal(evaluateStatusFile(createBootTest('online'), createBootRecord({})).state, 'skipped');
  assert.equal(evaluateStatusFile(createBootTest('replug'), createBootRecord({})).state, 'skipped');
});
