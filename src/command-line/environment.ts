import { type EnvironmentRow, VARIABLES } from '../core/environment.ts';
import { SECRET_VARIABLES } from '../recipe/build-options.ts';

/** Every variable wwanpi reads, for the manual page: those that hold an option's value, then the others. */
export const ENVIRONMENT: readonly EnvironmentRow[] = [
  ...Object.entries(SECRET_VARIABLES).map(([option, name]) => ({
    names: [name],
    meaning: `The value of --${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  })),
  ...VARIABLES,
];
