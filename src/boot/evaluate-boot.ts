import { formatSeconds } from '../formats/units.ts';
import { type BootRecord, bootDoneAt, findCollapse, journalLines } from './boot-record.ts';
import { describeShown, findUnshown } from './evaluate-shown.ts';
import { findUnwritten } from './evaluate-status-file.ts';
import { isRefusedStart } from './evaluate-stick.ts';
import type { BootTest, MilestoneResult, MilestoneResults } from './milestone-result.ts';
import { MILESTONES, type Milestone } from './scenario.ts';

/** How a boot ended, compared with how the scenario says it has to end. */
export type Verdict =
  | { readonly passed: true; readonly summary: string }
  | { readonly passed: false; readonly summary: string; readonly milestone: Milestone }
  /** Says nothing about the image: the host was too slow for a verdict. */
  | {
      readonly passed: false;
      readonly tooBusy: true;
      readonly summary: string;
      readonly milestone: Milestone;
    };

/** How long after the boot, or after the snapshot from which the guest goes on, a timer of the image, or its supervisor, may still say something. */
const JOURNAL_MS = 120_000;

/**
 * The verdict, as soon as it is certain: all milestones are met, or the first open one has failed. A scenario that has
 * to stay offline is decided only after the boot is done, because nothing may hold the boot up.
 */
export function evaluateBoot(
  bootTest: BootTest,
  record: BootRecord,
  results: MilestoneResults,
): Verdict | undefined {
  const { expected } = bootTest.scenario;
  const open = findOpen(results);
  const result = open === undefined ? undefined : results.get(open);
  const broken = record.events.find((event) => event.type === 'broken');
  if (broken?.type === 'broken') {
    const summary = `the emulated modem failed, which is a bug of wwanpi: ${broken.why}`;
    return { passed: false, milestone: open ?? 'fetch', summary };
  }
  if (open === undefined) {
    if (expected.verdict === 'online') {
      const { journal } = expected;
      if (journal === undefined) return { passed: true, summary: 'online' };
      if (hasSaid(record, journal)) return { passed: true, summary: `online, the journal says "${journal}"` };
      const summary = `online, but the journal does not say "${journal}"`;
      return record.ended === undefined ? undefined : { passed: false, milestone: 'fetch', summary };
    }
    return {
      passed: false,
      milestone: expected.fails,
      summary: `online, though "${expected.fails}" should have failed`,
    };
  }
  const collapse = findCollapse(record);
  if (collapse !== undefined) return { passed: false, milestone: open, summary: collapse };
  if (result?.state !== 'failed') return undefined;
  const missed = {
    passed: false,
    milestone: open,
    summary: `"${open}" failed: ${result.evidence}`,
  } as const;
  if (expected.verdict === 'online' || open !== expected.fails) return missed;
  const { pinTriesLeft } = expected;
  if (pinTriesLeft !== undefined) {
    const tries = record.events.flatMap((event) => (event.type === 'pin' ? [event.retriesLeft] : []));
    if (tries.length > 1 || (tries.length === 1 && tries[0] !== pinTriesLeft)) {
      return {
        ...missed,
        summary: `the PIN was tried ${tries.length} times, ${tries.at(-1)} tries are left`,
      };
    }
    if (tries.length === 0) {
      return record.ended === undefined ? undefined : { ...missed, summary: 'the PIN was never tried' };
    }
  }
  const { qmiError } = expected;
  if (qmiError !== undefined && !record.events.some((event) => isRefusal(event, qmiError))) {
    return { ...missed, summary: `${missed.summary}; QMI error ${qmiError} was expected and not seen` };
  }
  const doneAt = bootDoneAt(record);
  if (doneAt === undefined) {
    return record.ended === undefined
      ? undefined
      : { ...missed, summary: `${missed.summary}; and the boot was not done` };
  }
  const unsaid = findUnsaid(bootTest, record);
  if (unsaid !== undefined) {
    return record.ended === undefined && record.elapsedMs < Math.max(doneAt, record.resumedAtMs) + JOURNAL_MS
      ? undefined
      : { ...missed, summary: `${missed.summary}; ${unsaid}` };
  }
  const { journal } = expected;
  const shown =
    expected.shows === undefined || bootTest.setup.display === undefined
      ? ''
      : `, the console says ${describeShown(record)}`;
  const said = journal === undefined ? shown : `, the journal says "${journal}"${shown}`;
  return {
    passed: true,
    summary: `offline, as the scenario has it: ${result.evidence}${said}; the boot was done at ${formatSeconds(doneAt)}`,
  };
}

/** The first milestone that is neither met nor skipped. */
export function findOpen(results: MilestoneResults): Milestone | undefined {
  return MILESTONES.find((name) => !isMetOrSkipped(results.get(name)));
}

/** What the journal does not say, or a person does not see, though the scenario wants it. */
function findUnsaid(bootTest: BootTest, record: BootRecord): string | undefined {
  const { journal } = bootTest.scenario.expected;
  if (journal !== undefined && !hasSaid(record, journal)) return `the journal does not say "${journal}"`;
  const missing = findUnshown(bootTest, record) ?? findUnwritten(bootTest, record);
  return missing === undefined ? undefined : `and ${missing}`;
}

function hasSaid(record: BootRecord, text: string): boolean {
  return journalLines(record).some((line) => line.includes(text));
}

function isMetOrSkipped(result: MilestoneResult | undefined): boolean {
  return result?.state === 'met' || result?.state === 'skipped';
}

function isRefusal(event: BootRecord['events'][number], qmiError: number): boolean {
  return isRefusedStart(event) && event.type === 'qmi' && event.error === qmiError;
}
