import type { Issue } from '../formats/issues.ts';
import { describeDefault, describeOption, formatSpelling } from './describe-option.ts';
import type { CommandName, OptionEntry } from './option.ts';
import { findOption } from './options.ts';

/** Of more options than these, the issues themselves say enough. */
const MOST = 3;

/**
 * The hint for issues of a command line: the help of the options they are about, or an example where arguments are wrong.
 * Empty if the issues have hints of their own.
 */
export function hintAtOptions(
  command: CommandName,
  issues: readonly Issue[],
  example?: string,
): { hint?: string } {
  const open = issues.filter(({ hint }) => hint === undefined);
  const names = [...new Set(open.map(({ option }) => option))];
  const known = names.flatMap((name) => (name === undefined ? [] : (findOption(command, name) ?? [])));
  if (names.includes(undefined) && example !== undefined) return { hint: `for example: ${example}` };
  if (known.length < names.length) return { hint: `wwanpi ${command} --help-all lists every option` };
  return known.length === 0 || known.length > MOST ? {} : { hint: known.map(describe).join('\n  ') };
}

function describe(option: OptionEntry): string {
  const value = describeDefault(option);
  const text = `${formatSpelling(option)}: ${describeOption(option)}`;
  return value === undefined ? text : `${text} [${value}]`;
}
