import type { Environment } from '../core/environment.ts';
import { isCalledByMake, readProgram } from '../core/package.ts';
import { COMMAND_NAMES } from './option.ts';

/** A command of wwanpi in a text; "a newer wwanpi" is none. */
const COMMAND = new RegExp(`(?<![\\w./-])wwanpi (?=(?:${COMMAND_NAMES.join('|')}|--help(?:-all)?)\\b)`, 'g');
/** The options for which the Makefile has a variable. */
const VARIABLE = /--(apn|base|output)\b( (?=[A-Z]{3,}\b|[\w-]*[./-]\w))?/g;

/** Names wwanpi in a text as it was called: `./wwanpi boot IMAGE` in a checkout. */
export function spellCommands(text: string, environment: Environment = process.env): string {
  const program = readProgram(environment);
  return text.replaceAll(COMMAND, () => `${program} `);
}

/**
 * A hint for the way in which wwanpi was called. In a run of make, `--base NAME` is `BASE=NAME`, and other options belong
 * in ARGS. Options of whole commands stay as they are.
 */
export function spellHint(hint: string, environment: Environment = process.env): string {
  if (!isCalledByMake(environment)) return spellCommands(hint, environment);
  const clauses = hint.split(/(?<=[;\n])/);
  const spelled = clauses.map((clause) =>
    /\bwwanpi /.test(clause)
      ? spellCommands(clause, environment)
      : clause.replaceAll(VARIABLE, (_, name: string, value?: string) =>
          value === undefined ? name.toUpperCase() : `${name.toUpperCase()}=`,
        ),
  );
  const isOpen = spelled.some((clause) => !/\bwwanpi /.test(clause) && /(?<![\w-])--[a-z]/.test(clause));
  return `${spelled.join('')}${isOpen ? '\n  in make, options go into ARGS: make image APN=… ARGS="--option VALUE"' : ''}`;
}
