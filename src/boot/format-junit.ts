import { XMLBuilder } from 'fast-xml-parser';
import type { BootReport, MilestoneReport } from './boot-report.ts';

/**
 * The report as JUnit XML: a suite per boot, a case per milestone; `time` is from the milestone before. What the
 * scenario wants to fail is a passed case, what was not reached is skipped. A machine that is too busy is an `error` and
 * not a `failure`. Times are the guest's; the properties have the real time.
 */
export function formatJunit(reports: readonly BootReport[]): string {
  const cases = reports.flatMap(({ milestones }) => milestones);
  const builder = new XMLBuilder({
    format: true,
    ignoreAttributes: false,
    attributesGroupName: ATTRIBUTES,
    textNodeName: TEXT,
    suppressBooleanAttributes: false,
    suppressEmptyNode: true,
  });
  return builder.build({
    '?xml': { [ATTRIBUTES]: { version: '1.0', encoding: 'UTF-8' } },
    testsuites: {
      [ATTRIBUTES]: {
        name: 'wwanpi boot',
        tests: cases.length,
        failures: reports.filter(({ verdict }) => verdict === 'failed').length,
        errors: reports.filter(({ verdict }) => verdict === 'too-busy').length,
        time: reports.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1),
      },
      testsuite: reports.map(describeSuite),
    },
  });
}

/** Names of fast-xml-parser's builder: what holds an element's attributes, and its text. */
const ATTRIBUTES = '@';
const TEXT = '#';

function describeSuite(report: BootReport) {
  const { milestones, scenario, image } = report;
  const facts = {
    image,
    apn: report.apn,
    kernel: report.kernel,
    'wall-seconds': report.wallSeconds.toFixed(1),
    'processor-share': report.processorShare.toFixed(3),
  };
  return {
    [ATTRIBUTES]: {
      name: `wwanpi boot ${scenario}`,
      tests: milestones.length,
      failures: report.verdict === 'failed' ? 1 : 0,
      errors: report.verdict === 'too-busy' ? 1 : 0,
      skipped: milestones.filter((each) => isSkipped(report, each)).length,
      time: report.seconds.toFixed(1),
    },
    properties: {
      property: Object.entries(facts).map(([name, value]) => ({
        [ATTRIBUTES]: { name, value: printable(value) },
      })),
    },
    testcase: milestones.map((milestone, index) => ({
      [ATTRIBUTES]: {
        name: milestone.name,
        classname: `boot.${scenario}`,
        time: measureSince(milestones.slice(0, index), milestone).toFixed(1),
      },
      ...describeOutcome(report, milestone),
    })),
  };
}

/** Seconds from the last milestone that was reached before. */
function measureSince(before: readonly MilestoneReport[], { seconds }: MilestoneReport): number {
  const reachedAt = Math.max(0, ...before.map((milestone) => milestone.seconds ?? 0));
  return seconds === null ? 0 : Math.max(0, seconds - reachedAt);
}

function describeOutcome(report: BootReport, milestone: MilestoneReport) {
  if (milestone.name === report.failed) {
    const text = printable([report.summary, ...report.lastLines].join('\n'));
    const message = printable(report.summary);
    return report.verdict === 'too-busy'
      ? { error: { [ATTRIBUTES]: { message, type: 'too-busy' }, [TEXT]: text } }
      : { failure: { [ATTRIBUTES]: { message, type: 'milestone' }, [TEXT]: text } };
  }
  const evidence = printable(milestone.evidence);
  if (isSkipped(report, milestone)) return { skipped: { [ATTRIBUTES]: { message: evidence } } };
  return { 'system-out': evidence };
}

function isSkipped(report: BootReport, { name, state }: MilestoneReport): boolean {
  if (name === report.failed || state === 'met') return false;
  // The one that had to fail, and did.
  return !(report.passed && state === 'failed');
}

/** XML 1.0 has no way to write most control characters. */
function printable(text: string): string {
  return text.replace(/[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]/g, '?');
}
