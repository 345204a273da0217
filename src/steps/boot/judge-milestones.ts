import { MILESTONES, type Milestone } from '../../modem/scenarios.ts';
import type { BootRecord } from './boot-record.ts';
import { type Findings, failed, type Judge, type Trial } from './finding.ts';
import { judgeDns, judgeFetch, judgeLease, judgePing, judgeResolvConf, judgeRoute } from './judge-network.ts';
import { judgeRecovery } from './judge-recovery.ts';
import { judgeAtCommand, judgeKernel, judgeStartNetwork, judgeStick } from './judge-stick.ts';

/** Judges every milestone by what was seen so far. Pure: the same record gives the same findings. */
export function judgeMilestones(trial: Trial, record: BootRecord): Findings {
  return new Map(
    MILESTONES.map((name) => {
      const finding = JUDGES[name](trial, record);
      const over = finding.state === 'pending' && record.ended !== undefined;
      return [name, over ? failed(`${finding.evidence}; ${record.ended}`) : finding];
    }),
  );
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
  recovery: judgeRecovery,
};
