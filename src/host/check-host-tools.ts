import type { Context } from '../core/context.ts';
import { type Purpose, probeHostTools, requireHostTools, type ToolStatus } from './host-tools.ts';

/**
 * The first step of every build: all programs it will come to are there, or none of it begins.
 * @returns what was found, for the manifest
 * @throws ToolMissingError with every missing program, its reason and its package
 */
export async function checkHostTools(context: Context, purposes: readonly Purpose[]): Promise<ToolStatus[]> {
  const done = context.report.step('Host tools');
  const statuses = await probeHostTools(context, new Set(purposes));
  requireHostTools(statuses);
  done(`${statuses.length} found`);
  return statuses;
}
