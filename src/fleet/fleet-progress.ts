import type { FleetResult } from './fleet-state.ts';

/** Receives the progress of a fleet's images. */
export interface FleetProgress {
  /** An image starts. */
  begin(name: string): void;
  /** An image starts a step. */
  step(name: string, title: string): void;
  /** An image is built or has failed. */
  finish(result: FleetResult): void;
  /** The run has ended; removes the status lines. */
  close(): void;
}
