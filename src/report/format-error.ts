import { AppError } from '../core/errors.ts';
import { getExitCode, nameExitCode } from '../core/exit-codes.ts';
import { createPaint, type Paint } from '../formats/colour.ts';
import { describeIssue, formatIssue, OptionsError } from '../formats/issues.ts';
import { escapeControls } from '../formats/text-diff.ts';
import { spellHint } from '../options/spell-commands.ts';
import { formatLogLine } from './json-report.ts';

/**
 * An error for people: what happened, the details, and what to do. What is no AppError is a bug, with its stack.
 * Messages may quote an image, a server or a program; nothing in them drives the terminal.
 */
export function formatErrorText(error: unknown, paint: Paint = createPaint({})): string {
  const name = paint('bad', 'wwanpi:');
  if (!(error instanceof AppError))
    return `\n${name} a bug in wwanpi: ${escapeControls(describeBug(error))}\n`;
  const parts = [`\n${name} ${escapeControls(error.message)}`];
  if (error.detail !== undefined) parts.push(escapeControls(error.detail.trimEnd()));
  if (error.hint !== undefined) parts.push(`${paint('place', '→')} ${escapeControls(spellHint(error.hint))}`);
  return `${parts.join('\n')}\n`;
}

/**
 * The same as the last line of `--log json`: event `error` with `code` (exit-codes.ts), `exitCode` and, if there are
 * any, `hint` and `detail`. Wrong options and fields of a fleet file are listed in `issues` (formats/issues.ts) and, as
 * sentences, in `faults`.
 */
export function formatErrorJson(error: unknown): string {
  if (!(error instanceof AppError)) {
    return formatLogLine('error', 'error', {
      code: 'bug',
      exitCode: getExitCode('bug'),
      message: 'a bug in wwanpi',
      detail: describeBug(error),
    });
  }
  const { exitCode, message, hint, detail } = error;
  return formatLogLine('error', 'error', {
    ...{ code: nameExitCode(exitCode), exitCode, message, hint, detail: detail?.trimEnd() },
    ...(error instanceof OptionsError
      ? { faults: error.issues.map(formatIssue), issues: error.issues.map(describeIssue) }
      : {}),
  });
}

function describeBug(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
