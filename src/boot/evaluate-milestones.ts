import type { BootRecord } from './boot-record.ts';
import { evaluateClosed } from './evaluate-closed.ts';
import { evaluateDoctor } from './evaluate-doctor.ts';
import {
  evaluateDns,
  evaluateFetch,
  evaluateLease,
  evaluatePing,
  evaluateResolvConf,
  evaluateRoute,
} from './evaluate-network.ts';
import { evaluateRecovery } from './evaluate-recovery.ts';
import { evaluateStability } from './evaluate-stability.ts';
import { evaluateAtCommand, evaluateKernel, evaluateStartNetwork, evaluateStick } from './evaluate-stick.ts';
import { type BootTest, type Evaluator, failed, type MilestoneResults } from './milestone-result.ts';
import { MILESTONES, type Milestone } from './scenario.ts';

/** Judges every milestone by what was seen so far. Pure: the same record gives the same findings. */
export function evaluateMilestones(trial: BootTest, record: BootRecord): MilestoneResults {
  const early = beforeFaults(trial, record);
  return new Map(
    MILESTONES.map((name) => {
      const judged = name === 'recovery' || name === 'steady' ? record : early;
      const finding = JUDGES[name](trial, judged);
      const over = finding.state === 'pending' && judged.ended !== undefined;
      return [name, over ? failed(`${finding.evidence}; ${record.ended}`) : finding];
    }),
  );
}

/**
 * Where recovery is judged by itself, the way there is judged by what was before the first fault: routes and names go
 * with the link, and come again.
 */
function beforeFaults({ scenario }: BootTest, record: BootRecord): BootRecord {
  const { expected } = scenario;
  const fault = record.events.find(({ type }) => type === 'fault')?.t;
  const isBounded = expected.verdict === 'online' && expected.recoversWithinMs !== undefined;
  if (!isBounded || fault === undefined) return record;
  const early = <T extends { readonly t: number }>(list: readonly T[]) => list.filter(({ t }) => t < fault);
  return {
    elapsedMs: fault,
    console: early(record.console),
    probe: early(record.probe),
    events: early(record.events),
    ended: undefined,
  };
}

const JUDGES: Readonly<Record<Milestone, Evaluator>> = {
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
  doctor: evaluateDoctor,
  recovery: evaluateRecovery,
  steady: evaluateStability,
};
