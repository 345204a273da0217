import { InputError } from '../core/errors.ts';
import { quoteForMessage } from './printable.ts';

/** A place in a file; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * An error in the user's options or fleet file. Message and hint are plain text, but `{--option}` names another
 * option, which `formatIssue` writes as it is spelled there.
 */
export interface Issue {
  /** The option, or key of a fleet file, without dashes; undefined if it is not about a single one. */
  readonly option?: string | undefined;
  /** The given value. Never a secret. */
  readonly value?: string | undefined;
  /** The error: with an option, a sentence without its subject ("is not a number"). */
  readonly message: string;
  /** What the user can do about it. */
  readonly hint?: string | undefined;
  /** Where it is in a fleet file. */
  readonly place?: Place | undefined;
}

/** Options or a fleet file that cannot be used, with all issues at once. */
export class OptionsError extends InputError {
  readonly issues: readonly Issue[];

  /**
   * @param options.summary the first line if there are several issues; by default "3 errors in the command line"
   */
  constructor(issues: readonly Issue[], options: { summary?: string; hint?: string } = {}) {
    const { summary, hint } = options;
    super(formatIssues(issues, summary), hint === undefined ? {} : { hint });
    this.issues = issues;
  }
}

/** Runs one check and adds the issues it throws to `issues`; then there is no result. */
export async function collectIssues<T>(issues: Issue[], check: () => Promise<T>): Promise<T | undefined> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    issues.push(...error.issues);
    return undefined;
  }
}

/** An issue as a sentence: with dashes for the command line, with its place for a file. */
export function formatIssue(issue: Issue): string {
  const { option, value, message, hint, place } = describeIssue(issue);
  const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `;
  // An unknown option is text of the user.
  const name = option?.replaceAll(/[^\w-]/g, '?').slice(0, 60);
  const dashes = name?.length === 1 ? '-' : '--';
  const subject = name === undefined ? [] : [place === undefined ? `${dashes}${name}` : name];
  const words = [...subject, ...(value === undefined ? [] : [quoteForMessage(value)]), message];
  return `${where}${words.join(' ')}${hint === undefined ? '' : `; ${hint}`}`;
}

/** An issue as data; its texts have the options' names in place of `{--option}`. */
export function describeIssue({ option, value, message, hint, place }: Issue): Issue {
  const name = (text: string) => text.replaceAll(/\{--([a-z-]+)\}/g, place === undefined ? '--$1' : '$1');
  return { option, value, message: name(message), hint: hint === undefined ? undefined : name(hint), place };
}

function formatIssues(issues: readonly Issue[], summary: string | undefined): string {
  const [first] = issues;
  if (first !== undefined && issues.length === 1 && summary === undefined) return formatIssue(first);
  const lines = issues.map((issue) =>
    issue.place === undefined ? `  - ${formatIssue(issue)}` : formatIssue(issue),
  );
  return `${summary ?? `${issues.length} errors in the command line`}:\n${lines.join('\n')}`;
}
