import type { Context } from '../core/context.ts';
import { type Purpose, probeHostTools, requireHostTools, type ToolStatus } from './host-tools.ts';
import { readKnownVersions } from './tool-versions.ts';

/**
 * The first step of every build: checks that all programs it will run are installed, before any other work.
 * @returns the programs found, for the manifest
 * @throws ToolMissingError with every missing program, its reason and its package
 */
export async function checkHostTools(context: Context, purposes: readonly Purpose[]): Promise<ToolStatus[]> {
  const done = context.report.step('Host tools');
  const known = await readKnownVersions(context);
  const statuses = await probeHostTools(context, new Set(purposes), known);
  requireHostTools(statuses);
  await known.save();
  done(`${statuses.length} found`);
  return statuses;
}
