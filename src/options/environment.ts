import { type EnvironmentRow, VARIABLES } from '../core/environment.ts';
import { OPTIONS } from './options.ts';

/** Every variable wwanpi reads, for the manual page: those that hold an option's value, then the others. */
export const ENVIRONMENT: readonly EnvironmentRow[] = [
  ...OPTIONS.flatMap(({ name, variable, secret }) =>
    variable === undefined || secret !== true ? [] : [{ names: [variable], meaning: `Value of --${name}` }],
  ),
  ...VARIABLES,
];
