import type { BootRecord } from './boot-record.ts';
import { type Findings, failed, type Judge, type Trial } from './finding.ts';
import { judgeDoctor } from './judge-doctor.ts';
import { judgeDns, judgeFetch, judgeLease, judgePing, judgeResolvConf, judgeRoute } from './judge-network.ts';
import { judgeRecovery } from './judge-recovery.ts';
import { judgeSteady } from './judge-steady.ts';
import { judgeAtCommand, judgeKernel, judgeStartNetwork, judgeStick } from './judge-stick.ts';
import { MILESTONES, type Milestone } from './scenario.ts';

/** Judges every milestone by what was seen so far. Pure: the same record gives the same findings. */
export function judgeMilestones(trial: Trial, record: BootRecord): Findings {
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
function beforeFaults({ scenario }: Trial, record: BootRecord): BootRecord {
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

const JUDGES: Readonly<Record<Milestone, Judge>> = {
  kernel: judgeKernel,
  stick: judgeStick,
  'at-command': judgeAtCommand,
  'start-network': judgeStartNetwork,
  lease: judgeLease,
  route: judgeRoute,
  'resolv-conf': judgeResolvConf,
  dns: judgeDns,
  ping: judgePing,
  fetch: judgeFetch,
  doctor: judgeDoctor,
  recovery: judgeRecovery,
  steady: judgeSteady,
};
