/** The tasks that action.yml runs between commands: `plan`, `outputs` and `boots`. Reads INPUTS and WWANPI_RESULT, so that no shell sees a value. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { formatOutputs, listBoots, planArguments } from './command-line/action-plan.ts';
import { AppError, InputError } from './core/errors.ts';
import { getExitCode } from './core/exit-codes.ts';
import { formatErrorText } from './report/format-error.ts';

function run(task: string | undefined): string {
  const inputs = JSON.parse(process.env.INPUTS ?? '{}') as Record<string, string>;
  const readResult = (): unknown => JSON.parse(readFileSync(process.env.WWANPI_RESULT ?? '', 'utf8'));
  switch (task) {
    case 'plan':
      return planArguments(inputs).map(endWithNul).join('');
    case 'outputs':
      return formatOutputs(readResult(), inputs.output ?? 'out', randomUUID());
    case 'boots':
      return listBoots(readResult(), inputs).flat().map(endWithNul).join('');
    default:
      throw new InputError(`action.js has no task ${task}`);
  }
}

function endWithNul(text: string): string {
  return `${text}\0`;
}

try {
  process.stdout.write(run(process.argv[2]));
} catch (error) {
  process.stderr.write(formatErrorText(error));
  process.exitCode = error instanceof AppError ? error.exitCode : getExitCode('bug');
}
