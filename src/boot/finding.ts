import { type BootRecord, lastLookAt } from './boot-record.ts';
import type { ImageSetup } from './parse-expectations.ts';
import type { Milestone, Scenario } from './scenario.ts';

/** How it stands with one milestone. `atMs` is since power-on. */
export type Finding =
  | { readonly state: 'met'; readonly atMs: number; readonly evidence: string }
  /** It was not met and cannot be any more. */
  | { readonly state: 'failed'; readonly evidence: string }
  | { readonly state: 'pending'; readonly evidence: string }
  /** The image does not do this, on purpose. */
  | { readonly state: 'skipped'; readonly evidence: string };

/** What is being judged: what the image is set up for, what it should be set up for, and in which situation. */
export interface Trial {
  readonly setup: ImageSetup;
  /** The APN that is right: the image's own, unless the user says otherwise. */
  readonly apn: string;
  readonly scenario: Scenario;
}

/** Findings of all milestones, in their order. */
export type Findings = ReadonlyMap<Milestone, Finding>;

/** Judges one milestone by what was seen so far. */
export type Judge = (trial: Trial, record: BootRecord) => Finding;

/** Pending until then, failed from then on. */
export function waitUntil(record: BootRecord, limitMs: number, evidence: string): Finding {
  return record.elapsedMs < limitMs ? pending(evidence) : failed(evidence);
}

/** The same for what the probe looks at: failed only by a look that began after that moment. */
export function waitForLook(record: BootRecord, kind: string, limitMs: number, evidence: string): Finding {
  return (lastLookAt(record, kind) ?? -1) < limitMs ? pending(evidence) : failed(evidence);
}

export function met(atMs: number, evidence: string): Finding {
  return { state: 'met', atMs, evidence };
}

export function failed(evidence: string): Finding {
  return { state: 'failed', evidence };
}

export function pending(evidence: string): Finding {
  return { state: 'pending', evidence };
}

export function skipped(evidence: string): Finding {
  return { state: 'skipped', evidence };
}
