import type { Issue } from '../formats/issues.ts';

/** Where the readers of a recipe put what they find. */
export interface Diagnostics {
  issue(issue: Issue): void;
  warn(text: string): void;
}
