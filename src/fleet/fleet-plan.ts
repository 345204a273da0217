import type { CarrierChoice } from '../carriers/apply-carrier.ts';
import type { BuildRequest } from '../recipe/build-request.ts';
import type { Signing } from '../release/write-checksums.ts';

/** One image of a fleet, ready to be built. */
export interface FleetJob {
  readonly name: string;
  readonly request: BuildRequest;
  readonly carrier: CarrierChoice | undefined;
  readonly warnings: readonly string[];
}

/** The plan of a fleet run. */
export interface FleetPlan {
  /** The images of this run. */
  readonly jobs: readonly FleetJob[];
  /** All images of the fleet file, including those of other shards; other images in the folder are not part of the fleet. */
  readonly names: readonly string[];
  readonly folder: string;
  /** How many images are built in parallel. */
  readonly workers: number;
  /** Build the other images when one fails. */
  readonly keepGoing: boolean;
  /** Report what would be built; build nothing. */
  readonly dryRun: boolean;
  /** The fleet file's name without its extension. */
  readonly title: string;
  /** The URL of the published folder, for Raspberry Pi Imager's list. */
  readonly urlBase: string | undefined;
  /** Who signs SHA256SUMS after all images are built. */
  readonly signing: Signing;
}
