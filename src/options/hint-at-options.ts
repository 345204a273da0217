import type { Issue } from '../formats/issues.ts';
import { describeDefault, describeOption, formatSpelling } from './describe-option.ts';
import type { CommandName, OptionEntry } from './option.ts';
import { findOption } from './options.ts';

/** A message that says what to give needs no help beside it. */
const SAYS_ENOUGH = /\bneeds\b|\bmust be\b|neither/;

/**
 * The hint for issues of a command line: the help of the option it is about, or an example where arguments are wrong.
 * Empty if the issues say enough themselves.
 */
export function hintAtOptions(
  command: CommandName,
  issues: readonly Issue[],
  example?: string,
): { hint?: string } {
  const open = issues.filter(({ hint, message }) => hint === undefined && !SAYS_ENOUGH.test(message));
  const names = [...new Set(open.map(({ option }) => option))];
  const known = names.flatMap((name) => (name === undefined ? [] : (findOption(command, name) ?? [])));
  if (names.includes(undefined) && example !== undefined) return { hint: `for example: ${example}` };
  if (known.length < names.length) return { hint: `wwanpi ${command} --help-all lists every option` };
  const [only] = known;
  return only === undefined || issues.length > 1 ? {} : { hint: describe(only) };
}

function describe(option: OptionEntry): string {
  const value = describeDefault(option);
  const text = `${formatSpelling(option)}: ${describeOption(option)}`;
  return value === undefined ? text : `${text} [${value}]`;
}
