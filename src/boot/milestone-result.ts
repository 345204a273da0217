import { type BootRecord, lastLookAt } from './boot-record.ts';
import type { ImageSetup } from './parse-expectations.ts';
import type { Milestone, Scenario } from './scenario.ts';

/** The state of one milestone. `atMs` is since power-on. */
export type MilestoneResult =
  | { readonly state: 'met'; readonly atMs: number; readonly evidence: string }
  /** It was not met and cannot be any more. */
  | { readonly state: 'failed'; readonly evidence: string }
  | { readonly state: 'pending'; readonly evidence: string }
  /** The image does not do this, on purpose. */
  | { readonly state: 'skipped'; readonly evidence: string };

/** One boot test: how the image is set up, how it should be set up, and the scenario. */
export interface BootTest {
  readonly setup: ImageSetup;
  /** The right APN: the image's own, unless the user names another. */
  readonly apn: string;
  readonly scenario: Scenario;
  /** The AT^NDISDUP that the modem accepted in a boot whose power was cut: an image sends it only until it was accepted. */
  readonly sentBefore?: string;
}

/** The results of all milestones, in their order. */
export type MilestoneResults = ReadonlyMap<Milestone, MilestoneResult>;

/** Evaluates one milestone by the record so far. */
export type Evaluator = (bootTest: BootTest, record: BootRecord) => MilestoneResult;

/** Pending until the limit, failed after it. */
export function waitUntil(record: BootRecord, limitMs: number, evidence: string): MilestoneResult {
  return record.elapsedMs < limitMs ? pending(evidence) : failed(evidence);
}

/** The same for what the probe reports: failed only by a look that began after the limit. */
export function waitForLook(
  record: BootRecord,
  kind: string,
  limitMs: number,
  evidence: string,
): MilestoneResult {
  return (lastLookAt(record, kind) ?? -1) < limitMs ? pending(evidence) : failed(evidence);
}

export function met(atMs: number, evidence: string): MilestoneResult {
  return { state: 'met', atMs, evidence };
}

export function failed(evidence: string): MilestoneResult {
  return { state: 'failed', evidence };
}

export function pending(evidence: string): MilestoneResult {
  return { state: 'pending', evidence };
}

export function skipped(evidence: string): MilestoneResult {
  return { state: 'skipped', evidence };
}
