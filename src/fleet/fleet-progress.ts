import type { FleetResult } from './fleet-state.ts';

/** Whom a fleet's run tells how its images are getting on. */
export interface FleetProgress {
  /** An image is begun. */
  begin(name: string): void;
  /** It has come to this step. */
  step(name: string, title: string): void;
  /** It is done, one way or the other. */
  finish(result: FleetResult): void;
  /** Takes away what is drawn over: the run has ended. */
  close(): void;
}
