import type { BootReport } from '../../src/boot/boot-report.ts';
import type { Scenario } from '../../src/boot/scenario.ts';

/** What came of the scenarios, as a table of Markdown: what is allowed, and what was measured. */
export function formatScenarioTable(
  scenarios: readonly Scenario[],
  reports: ReadonlyMap<string, BootReport>,
): string {
  const rows = scenarios.flatMap((scenario) => {
    const report = reports.get(scenario.name);
    return report === undefined ? [] : [formatRow(scenario, report)];
  });
  return ['| scenario | back online within | measured | verdict after |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function formatRow({ name, expected }: Scenario, report: BootReport): string {
  const bounds =
    expected.verdict === 'online' ? [expected.recoversWithinMs, expected.hangRecoversWithinMs] : [];
  const allowed = bounds.filter((ms) => ms !== undefined).map((ms) => `${ms / 1000} s`);
  const took = report.recoveries.map(({ seconds }) => seconds ?? Number.NaN);
  const measured =
    took.length === 0
      ? ''
      : took.length === 1
        ? `${took[0]} s`
        : `${Math.min(...took)}–${Math.max(...took)} s, ${took.length} times`;
  const verdict = report.passed ? `${report.seconds} s` : `FAILED: ${report.summary}`;
  return `| \`${name}\` | ${allowed.join(', a hang ')} | ${allowed.length === 0 ? '' : measured} | ${verdict} |`;
}
