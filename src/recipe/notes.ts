import type { Issue } from '../formats/issues.ts';

/** Where the readers of a recipe put what they find. */
export interface Notes {
  issue(issue: Issue): void;
  warn(text: string): void;
}
