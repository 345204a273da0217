import stringWidth from 'string-width';
import { checkSources } from '../base/check-sources.ts';
import type { Context } from '../core/context.ts';
import type { Paint } from '../formats/colour.ts';
import { checkMachine, type MachineCheck } from '../host/check-machine.ts';
import {
  HOST_TOOLS,
  type Purpose,
  packagesOfMissing,
  probeHostTools,
  type ToolStatus,
} from '../host/host-tools.ts';
import { wrapLine } from '../report/wrap-line.ts';

/** What `wwanpi doctor` found out. */
export interface Findings {
  readonly tools: readonly ToolStatus[];
  /** What wwanpi needs besides programs. */
  readonly machine: readonly MachineCheck[];
}

/** Looks at every program, at the machine, and at the servers; a few seconds. */
export async function examineMachine(context: Context): Promise<Findings> {
  const [tools, machine, sources] = await Promise.all([
    probeAll(context),
    checkMachine(context),
    checkSources(context),
  ]);
  return { tools, machine: [...machine, ...sources] };
}

/** Whether every program is installed. The other checks are advice: no command needs all of them. */
export function isComplete({ tools }: Findings): boolean {
  return packagesOfMissing(tools).length === 0;
}

/**
 * The findings for people: the programs with their versions in columns, each missing one with the reason for it and its
 * package, then the machine.
 * @param columns of the terminal
 */
export function formatFindings({ tools, machine }: Findings, paint: Paint, columns: number): string {
  const installed = tools.filter(({ version }) => version !== undefined);
  const missing = tools.filter(({ version }) => version === undefined);
  const packages = packagesOfMissing(tools);
  const advice =
    packages.length === 0
      ? 'All programs that wwanpi uses are installed.'
      : `Install the missing ones: apt-get install ${packages.join(' ')}`;
  return [
    ...arrangeInColumns(
      installed.map((status) => formatInstalled(status, paint)),
      columns,
    ),
    ...missing.map(({ tool }) =>
      formatLine(
        'bad',
        `${tool.program} is missing; it is required ${tool.reason} (package ${tool.debianPackage}; for ${tool.purposes.join(', ')})`,
        { paint, columns },
      ),
    ),
    wrapLine('', 0, advice, columns),
    '',
    ...machine.map(({ name, ok, found, hint }) => {
      const text = `${name.padEnd(9)}${found}${hint === undefined ? '' : `: ${hint}`}`;
      return formatLine(ok ? 'good' : 'warning', text, { paint, columns, indent: 11 });
    }),
    '',
  ].join('\n');
}

/** The findings for programs: `complete`, `missingPackages`, `tools` and `machine`; `version` is null where one is missing. */
export function formatFindingsJson({ tools, machine }: Findings): string {
  const missingPackages = packagesOfMissing(tools);
  const listed = tools.map(({ tool: { program, debianPackage, reason, purposes }, version }) => ({
    ...{
      program,
      version: version === undefined ? null : tidyVersion(version),
      debianPackage,
      reason,
      purposes,
    },
  }));
  const checks = machine.map(({ name, ok, found, hint = null }) => ({ name, ok, found, hint }));
  const complete = missingPackages.length === 0;
  return `${JSON.stringify({ complete, missingPackages, tools: listed, machine: checks }, undefined, 2)}\n`;
}

/** The Debian packages of every missing tool, sorted. */
export async function listMissingPackages(context: Context): Promise<string[]> {
  return packagesOfMissing(await probeAll(context));
}

/** The version in a program's answer: `1.5.4` of "*** Zstandard CLI (64-bit) v1.5.4, by Yann Collet ***". */
export function tidyVersion(text: string): string {
  return /\d+(?:\.\d+)+(?:-\d+(?![\w-]))?/.exec(text)?.[0] ?? /version (\d+)/.exec(text)?.[1] ?? text;
}

function probeAll(context: Context): Promise<ToolStatus[]> {
  return probeHostTools(context, new Set<Purpose>(HOST_TOOLS.flatMap((entry) => entry.purposes)));
}

function formatInstalled({ tool, version = '' }: ToolStatus, paint: Paint): string {
  return `${paint('good', '✓')} ${tool.program} ${paint('quiet', tidyVersion(version))}`;
}

const MARKS = { good: '✓', warning: '!', bad: '✗' } as const;

function formatLine(
  state: keyof typeof MARKS,
  text: string,
  { paint, columns, indent = 2 }: { paint: Paint; columns: number; indent?: number },
): string {
  const head = text.slice(0, indent - 2);
  return wrapLine(`${paint(state, MARKS[state])} ${head}`, indent, text.slice(indent - 2), columns);
}

/** Cells in as many columns as fit, filled row by row. */
function arrangeInColumns(cells: readonly string[], columns: number): string[] {
  const width = Math.max(0, ...cells.map((cell) => stringWidth(cell))) + 2;
  const perRow = Math.max(1, Math.floor((columns + 2) / width));
  const rows = Math.ceil(cells.length / perRow);
  return Array.from({ length: rows }, (_, row) =>
    cells
      .slice(row * perRow, (row + 1) * perRow)
      .map((cell) => cell + ' '.repeat(width - stringWidth(cell)))
      .join('')
      .trimEnd(),
  );
}
