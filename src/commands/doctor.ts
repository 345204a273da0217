import type { Context } from '../context.ts';
import { HOST_TOOLS, type Purpose, probeHostTools, type ToolStatus } from '../host-tools.ts';

/**
 * `wwanpi doctor`: every host tool with its version, or why it is needed and the package to install.
 * @returns the text to print and whether everything is there
 */
export async function runDoctor(context: Context): Promise<{ text: string; complete: boolean }> {
  const statuses = await probeHostTools(
    context,
    new Set<Purpose>(HOST_TOOLS.flatMap((entry) => entry.purposes)),
  );
  const missing = statuses.filter((status) => status.version === undefined);
  const packages = [...new Set(missing.map((status) => status.tool.debianPackage))].sort();
  const advice =
    packages.length === 0
      ? 'Everything wwanpi uses is here.'
      : `Install what is missing: apt-get install ${packages.join(' ')}`;
  return { text: `${statuses.map(formatStatus).join('\n')}\n\n${advice}\n`, complete: packages.length === 0 };
}

function formatStatus({ tool, version }: ToolStatus): string {
  const name = tool.program.padEnd(18);
  if (version !== undefined) return `✓ ${name} ${version}`;
  return `✗ ${name} missing: required ${tool.reason} (package ${tool.debianPackage}; for ${tool.purposes.join(', ')})`;
}
