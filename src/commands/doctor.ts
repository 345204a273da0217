import type { Context } from '../core/context.ts';
import { HOST_TOOLS, type Purpose, probeHostTools, type ToolStatus } from '../host/host-tools.ts';

/**
 * The output of `wwanpi doctor`: every host tool with its version, or why it is needed and the package to install.
 * @returns the text, and whether every tool is installed
 */
export async function runDoctor(context: Context): Promise<{ text: string; complete: boolean }> {
  const statuses = await probeAll(context);
  const packages = packagesOfMissing(statuses);
  const advice =
    packages.length === 0
      ? 'All programs that wwanpi uses are installed.'
      : `Install the missing ones: apt-get install ${packages.join(' ')}`;
  return { text: `${statuses.map(formatStatus).join('\n')}\n\n${advice}\n`, complete: packages.length === 0 };
}

/** The same for `--json`: `complete`, `missingPackages`, and every tool of `tools`; `version` is null where it is missing. */
export async function runDoctorJson(context: Context): Promise<{ text: string; complete: boolean }> {
  const statuses = await probeAll(context);
  const missingPackages = packagesOfMissing(statuses);
  const complete = missingPackages.length === 0;
  const tools = statuses.map(({ tool: { program, debianPackage, reason, purposes }, version = null }) => ({
    program,
    version,
    debianPackage,
    reason,
    purposes,
  }));
  return { text: `${JSON.stringify({ complete, missingPackages, tools }, undefined, 2)}\n`, complete };
}

/** The Debian packages of every missing tool, sorted. */
export async function listMissingPackages(context: Context): Promise<string[]> {
  return packagesOfMissing(await probeAll(context));
}

function probeAll(context: Context): Promise<ToolStatus[]> {
  return probeHostTools(context, new Set<Purpose>(HOST_TOOLS.flatMap((entry) => entry.purposes)));
}

function packagesOfMissing(statuses: readonly ToolStatus[]): string[] {
  const missing = statuses.filter((status) => status.version === undefined);
  return [...new Set(missing.map((status) => status.tool.debianPackage))].sort();
}

function formatStatus({ tool, version }: ToolStatus): string {
  const name = tool.program.padEnd(18);
  if (version !== undefined) return `✓ ${name} ${version}`;
  return `✗ ${name} missing: required ${tool.reason} (package ${tool.debianPackage}; for ${tool.purposes.join(', ')})`;
}
