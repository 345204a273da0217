import { bootDoneAt } from './boot-record.ts';
import type { BootOutcome } from './boot-request.ts';
import { measureRecoveries } from './evaluate-recovery.ts';
import type { IdleUse } from './evaluate-stability.ts';
import { MILESTONES, type Milestone, OPTIONAL } from './scenario.ts';

/** The result of one boot. `--json` prints this object unchanged. */
export interface BootReport {
  readonly image: string;
  readonly scenario: string;
  readonly description: string;
  readonly apn: string;
  /** `too-busy` says nothing about the image: the host was too slow for a verdict. */
  readonly verdict: 'passed' | 'failed' | 'too-busy';
  readonly passed: boolean;
  readonly summary: string;
  /** The milestone that decided the verdict, unless the boot passed. */
  readonly failed: Milestone | null;
  readonly kernel: string;
  /** From power-on to the verdict. All times here are the guest's, except `wallSeconds`. */
  readonly seconds: number;
  /** The same in real time. */
  readonly wallSeconds: number;
  /** The guest's share of one processor of the host, 0 to 1. */
  readonly processorShare: number;
  /** From power-on to multi-user.target; null where the verdict came before. */
  readonly bootSeconds: number | null;
  /** From power-on to the snapshot from which the guest went on; null for a whole boot. */
  readonly snapshotSeconds: number | null;
  readonly milestones: readonly MilestoneReport[];
  /** Each fault that came and went, and the seconds until the Pi was online again (null: not yet). */
  readonly recoveries: readonly { readonly what: string; readonly seconds: number | null }[];
  /** What the supervisor and the system used while the link was idle, if the scenario measures it. */
  readonly quiet: IdleUse | null;
  /** The last lines of the log about the failure. */
  readonly lastLines: readonly string[];
  readonly logFolder: string;
}

/** One milestone; `seconds` since power-on where it was met. */
export interface MilestoneReport {
  readonly name: Milestone;
  readonly state: 'met' | 'failed' | 'not reached' | 'skipped';
  readonly seconds: number | null;
  readonly evidence: string;
}

const LAST_LINES = 15;
const NDISDUP_LINES = /wwanpi-ndisdup|ndisdup\.service/;
const DIAL_LINES =
  /wwanpi-supervisor|NetworkManager|ModemManager|\b(?:sh|ifup|dhclient|dhcpcd|qmicli|qmi-network)\[|ifup|wwan0/;

/** Turns an outcome into its report. */
export function reportBoot(
  outcome: BootOutcome,
  facts: Pick<BootReport, 'image' | 'scenario' | 'description' | 'apn' | 'kernel' | 'logFolder' | 'quiet'>,
): BootReport {
  const { verdict, results, record, host } = outcome;
  const isWanted = (name: Milestone) => !OPTIONAL.includes(name) || results.get(name)?.state !== 'skipped';
  const wanted = MILESTONES.filter(isWanted);
  const milestones = wanted.map((name): MilestoneReport => {
    const result = results.get(name);
    if (result === undefined || result.state === 'pending') {
      return { name, state: 'not reached', seconds: null, evidence: result?.evidence ?? '' };
    }
    const seconds = result.state === 'met' ? round(result.atMs) : null;
    return { name, state: result.state, seconds, evidence: result.evidence };
  });
  const failed = verdict.passed ? null : verdict.milestone;
  const doneAt = bootDoneAt(record);
  return {
    ...facts,
    verdict: verdict.passed ? 'passed' : 'tooBusy' in verdict ? 'too-busy' : 'failed',
    passed: verdict.passed,
    summary: verdict.summary,
    failed,
    seconds: round(record.elapsedMs),
    wallSeconds: round(host.wallMs),
    processorShare: Math.round(host.processorShare * 1000) / 1000,
    bootSeconds: doneAt === undefined ? null : round(doneAt),
    snapshotSeconds: record.resumedAtMs === 0 ? null : round(record.resumedAtMs),
    milestones,
    recoveries: measureRecoveries(record).map(({ what, tookMs }) => ({
      what,
      seconds: tookMs === undefined ? null : round(tookMs),
    })),
    lastLines: failed === null ? [] : lastLines(outcome, failed),
  };
}

/** The journal's lines from the milestone's unit; if there are none, the end of the console. */
function lastLines({ record }: BootOutcome, milestone: Milestone): string[] {
  const pattern =
    milestone === 'at-command' ? NDISDUP_LINES : ['kernel', 'stick'].includes(milestone) ? /$^/ : DIAL_LINES;
  const journal = record.probe
    .filter(({ kind, text }) => kind === 'journal' && pattern.test(text))
    .map(({ uptimeSeconds, text }) => `[${uptimeSeconds.toFixed(1)}] ${text.replace(/^\S+ /, '')}`);
  const console = record.console.map(({ text }) => text);
  return (journal.length > 0 ? journal : console).slice(-LAST_LINES);
}

function round(ms: number): number {
  return Math.round(ms / 100) / 10;
}
