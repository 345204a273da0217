import { create } from 'xmlbuilder2';
import type { BootReport, MilestoneReport } from './boot-report.ts';

/**
 * The report as JUnit XML: a suite per boot, a case per milestone; `time` is from the milestone before. What the
 * scenario wants to fail is a passed case, what was not reached is skipped. A machine that is too busy is an `error` and
 * not a `failure`. Times are the guest's; the properties have the real time.
 */
export function formatJunit(reports: readonly BootReport[]): string {
  const cases = reports.flatMap(({ milestones }) => milestones);
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', {
    name: 'wwanpi boot',
    tests: cases.length,
    failures: reports.filter(({ verdict }) => verdict === 'failed').length,
    errors: reports.filter(({ verdict }) => verdict === 'too-busy').length,
    time: reports.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1),
  });
  for (const report of reports) addSuite(root, report);
  return `${root.end({ prettyPrint: true })}\n`;
}

type Element = ReturnType<ReturnType<typeof create>['ele']>;

function addSuite(root: Element, report: BootReport): void {
  const { milestones, scenario, image } = report;
  const suite = root.ele('testsuite', {
    name: `wwanpi boot ${scenario}`,
    tests: milestones.length,
    failures: report.verdict === 'failed' ? 1 : 0,
    errors: report.verdict === 'too-busy' ? 1 : 0,
    skipped: milestones.filter((each) => isSkipped(report, each)).length,
    time: report.seconds.toFixed(1),
  });
  const properties = suite.ele('properties');
  const facts = {
    image,
    apn: report.apn,
    kernel: report.kernel,
    'wall-seconds': report.wallSeconds.toFixed(1),
    'processor-share': report.processorShare.toFixed(3),
  };
  for (const [name, value] of Object.entries(facts)) {
    properties.ele('property', { name, value: printable(value) });
  }
  let reachedAt = 0;
  for (const milestone of milestones) {
    const time = milestone.seconds === null ? 0 : Math.max(0, milestone.seconds - reachedAt);
    reachedAt = Math.max(reachedAt, milestone.seconds ?? 0);
    const element = suite.ele('testcase', {
      name: milestone.name,
      classname: `boot.${scenario}`,
      time: time.toFixed(1),
    });
    if (milestone.name === report.failed) {
      const text = [report.summary, ...report.lastLines].join('\n');
      const [kind, type] = report.verdict === 'too-busy' ? ['error', 'too-busy'] : ['failure', 'milestone'];
      element.ele(kind, { message: printable(report.summary), type }).txt(printable(text));
    } else if (isSkipped(report, milestone)) {
      element.ele('skipped', { message: printable(milestone.evidence) });
    } else element.ele('system-out').txt(printable(milestone.evidence));
  }
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
