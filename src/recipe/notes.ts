import type { Issue } from '../formats/issues.ts';

/** Collects the issues and warnings of a recipe's options. */
export interface Diagnostics {
  issue(issue: Issue): void;
  warn(text: string): void;
}
