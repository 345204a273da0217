import type { BootRecord } from './boot-record.ts';
import { evaluateClosed } from './evaluate-closed.ts';
import { evaluateDoctor } from './evaluate-doctor.ts';
import { evaluateFirstBoot } from './evaluate-first-boot.ts';
import { evaluateLease } from './evaluate-lease.ts';
import {
  evaluateDns,
  evaluateFetch,
  evaluatePing,
  evaluateResolvConf,
  evaluateRoute,
} from './evaluate-network.ts';
import { evaluateRecovery } from './evaluate-recovery.ts';
import { evaluateShown } from './evaluate-shown.ts';
import { evaluateStability } from './evaluate-stability.ts';
import { evaluateStatusFile } from './evaluate-status-file.ts';
import { evaluateAtCommand, evaluateKernel, evaluateStartNetwork, evaluateStick } from './evaluate-stick.ts';
import { type BootTest, type Evaluator, failed, type MilestoneResults } from './milestone-result.ts';
import { MILESTONES, type Milestone } from './scenario.ts';

/** Evaluates every milestone by the record so far. Pure: the same record gives the same results. */
export function evaluateMilestones(bootTest: BootTest, record: BootRecord): MilestoneResults {
  const early = beforeFaults(bootTest, record);
  return new Map(
    MILESTONES.map((name) => {
      const seen = LATE.includes(name) ? record : early;
      const result = EVALUATORS[name](bootTest, seen);
      // What was not met before a fault never is.
      const over = result.state === 'pending' && record.ended !== undefined;
      return [name, over ? failed(`${result.evidence}; ${record.ended}`) : result];
    }),
  );
}

/** Milestones that are about what comes after a fault, too: the Pi writes its status file minutes after the first page. */
const LATE: readonly Milestone[] = ['status-file', 'recovery', 'steady'];

/**
 * If recovery has a milestone of its own, the milestones before it are evaluated up to the first fault only: a fault
 * takes routes and names away with the link.
 */
function beforeFaults({ scenario }: BootTest, record: BootRecord): BootRecord {
  const { expected } = scenario;
  const fault = record.events.find(({ type }) => type === 'fault')?.t;
  const isBounded = expected.verdict === 'online' && expected.recoversWithinMs !== undefined;
  if (!isBounded || fault === undefined) return record;
  const early = <T extends { readonly t: number }>(list: readonly T[]) => list.filter(({ t }) => t < fault);
  return {
    ...record,
    elapsedMs: fault,
    console: early(record.console),
    probe: early(record.probe),
    events: early(record.events),
  };
}

const EVALUATORS: Readonly<Record<Milestone, Evaluator>> = {
  kernel: evaluateKernel,
  stick: evaluateStick,
  'at-command': evaluateAtCommand,
  'start-network': evaluateStartNetwork,
  lease: evaluateLease,
  route: evaluateRoute,
  'resolv-conf': evaluateResolvConf,
  dns: evaluateDns,
  ping: evaluatePing,
  fetch: evaluateFetch,
  closed: evaluateClosed,
  shown: evaluateShown,
  'status-file': evaluateStatusFile,
  doctor: evaluateDoctor,
  'first-boot': evaluateFirstBoot,
  recovery: evaluateRecovery,
  steady: evaluateStability,
};
