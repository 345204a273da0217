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

/** How a fleet is to be made. */
export interface FleetPlan {
  /** The images of this run. */
  readonly jobs: readonly FleetJob[];
  /** All images of the fleet file, also those of other shards: what others left in the folder is no part of it. */
  readonly names: readonly string[];
  readonly folder: string;
  /** How many images are made side by side. */
  readonly workers: number;
  /** Make the others when one failed. */
  readonly keepGoing: boolean;
  /** Only tell what would be built. */
  readonly dryRun: boolean;
  /** The fleet file's name without its extension. */
  readonly title: string;
  /** Where the folder is to be published, for Raspberry Pi Imager's list. */
  readonly urlBase: string | undefined;
  /** Who signs SHA256SUMS once all images are there. */
  readonly signing: Signing;
}
