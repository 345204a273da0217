import { type EnvironmentRow, VARIABLES } from '../core/environment.ts';
import { OPTIONS } from './options.ts';

/** Commands that have the same secret have the same option and the same variable. */
const SECRETS = new Map(
  OPTIONS.flatMap(({ name, variable, secret }) =>
    variable === undefined || secret !== true ? [] : [[variable, name] as const],
  ),
);

/** Every variable wwanpi reads, for the manual page: those that hold an option's value, then the others. */
export const ENVIRONMENT: readonly EnvironmentRow[] = [
  ...[...SECRETS].map(([variable, name]) => ({ names: [variable] as const, meaning: `Value of --${name}` })),
  ...VARIABLES,
];
