import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BootReport, reportBoot } from '../../../src/boot/boot-report.ts';
import { evaluateBoot, type Verdict } from '../../../src/boot/evaluate-boot.ts';
import { evaluateMilestones } from '../../../src/boot/evaluate-milestones.ts';
import { formatJunit } from '../../../src/boot/format-junit.ts';
import type { BootTest } from '../../../src/boot/milestone-result.ts';
import { formatBootReport, formatVerdict } from '../../../src/commands/boot.ts';
import {
  CALLED,
  createBootRecord,
  createBootTest,
  KERNEL,
  ONLINE_EVENTS,
  ONLINE_PROBE,
  PLUGGED,
} from '../../helpers/boot-records.ts';
import { createTestContext } from '../../helpers/context.ts';

type Given = Parameters<typeof createBootRecord>[0] & { readonly tooBusy?: Verdict };

function report(bootTest: BootTest, given: Given): BootReport {
  const record = createBootRecord(given);
  const results = evaluateMilestones(bootTest, record);
  const verdict = given.tooBusy ?? evaluateBoot(bootTest, record, results);
  assert.ok(verdict !== undefined);
  const { name, description } = bootTest.scenario;
  const facts = { image: '/x/a<b>&"c".img', scenario: name, description, apn: bootTest.apn };
  return reportBoot(
    { verdict, results, record, host: { wallMs: 130_000, processorShare: 0.123 } },
    { ...facts, kernel: '6.1', logFolder: '/logs', quiet: null },
  );
}

const good = report(createBootTest('online'), {
  console: KERNEL,
  events: [...PLUGGED, ...CALLED, ...ONLINE_EVENTS],
  probe: ONLINE_PROBE,
});
const bad = report(createBootTest('online', { apn: 'other' }), {
  console: [...KERNEL, [4, 'console \u001b[31m & <so on>']],
  events: [...PLUGGED, ...CALLED],
  probe: [[41, 'journal pi wwanpi-ndisdup[9]: took the APN ]]> \u0001']],
});
const PARSE = `
import sys, json, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
assert root.tag == "testsuites", root.tag
print(json.dumps([{**suite.attrib, "cases": [[case.attrib["name"], *[child.tag for child in case]] for case in suite.iter("testcase")]} for suite in root.iter("testsuite")]))
`;

test('another program reads the JUnit report', async (t) => {
  const { exec } = await createTestContext(t);
  const { stdout } = await exec(['python3', '-c', PARSE], { input: formatJunit([good, bad]) });
  const [first, second] = JSON.parse(stdout);
  assert.equal(first.failures, '0');
  assert.equal(first.tests, '11');
  assert.deepEqual(first.cases[0], ['kernel', 'system-out']);
  assert.equal(second.failures, '1');
  assert.equal(second.skipped, '8');
  assert.deepEqual(second.cases.slice(1, 4), [
    ['stick', 'system-out'],
    ['at-command', 'failure'],
    ['start-network', 'skipped'],
  ]);
});

test('a failure that the scenario expects passes', () => {
  const wanted = report(createBootTest('no-stick'), {
    console: KERNEL,
    probe: [
      [60, 'units Id=multi-user.target\x1eActiveState=active\x1e'],
      [91, 'journal pi wwanpi-stick[4]: no LTE modem'],
    ],
  });
  const xml = formatJunit([wanted]);
  assert.doesNotMatch(xml, /<failure/);
  assert.match(xml, /skipped="8"/);
  assert.match(formatBootReport(wanted), /^PASSED {2}.*no-stick/m);
});

test('the table has milestone, time and evidence, and the last lines of a failure', () => {
  assert.match(formatBootReport(good), /✓ lease {12}50\.0 s {2}10\.64\.64\.10 by DHCP/);
  const table = formatBootReport(bad);
  assert.match(table, /^FAILED/m);
  assert.match(table, /✗ at-command .*the APN "internet" instead of "other"/);
  assert.match(table, /fetch +not reached/);
  assert.equal(bad.failed, 'at-command');
  assert.equal(bad.lastLines.length, 1);
  assert.match(bad.lastLines[0] ?? '', /^\[41\.0\] wwanpi-ndisdup\[9\]: took the APN/);
});

test('where the milestones were seen as they were met, they are not told again, and the failure is left to the error', () => {
  const late = report(createBootTest('online'), {
    console: KERNEL,
    events: PLUGGED,
    ended: 'not within 360 s',
  });
  assert.equal(late.milestones.filter(({ state }) => state === 'failed').length > 1, true);
  assert.equal(formatBootReport(late).match(/not within 360 s/g)?.length, 2);
  assert.doesNotMatch(formatVerdict(late), /not within|✗|✓|Logs/);
  assert.match(formatVerdict(late), /^FAILED {2}.*online/m);
  assert.match(formatVerdict(good), /^PASSED {2}.*\n.*since power-on.*\nTimes.*\nLogs: /m);
});

test('a host that is too busy is an error, not a failure of the image', () => {
  const summary =
    'this machine is too busy: the guest got 12 % of a processor, and lived through 50 s in 130 s';
  const busy = report(createBootTest('online'), {
    console: KERNEL,
    events: PLUGGED,
    tooBusy: { passed: false, tooBusy: true, summary, milestone: 'at-command' },
  });
  assert.equal(busy.verdict, 'too-busy');
  const xml = formatJunit([busy]);
  assert.match(xml, /<testsuites [^>]*failures="0" errors="1"/);
  assert.match(xml, /<error message="this machine is too busy: [^"]*" type="too-busy">/);
  assert.doesNotMatch(xml, /<failure/);
  assert.match(xml, /name="processor-share" value="0.123"/);
  const table = formatBootReport(busy);
  assert.match(table, /^TOO BUSY {2}/m);
  assert.doesNotMatch(table, /✗/);
  assert.match(table, /Here it took 2 min 10 s, at 12 % of a processor/);
});
