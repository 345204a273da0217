/** Receives the progress of the pipeline. `choose-reporter.ts` picks one by the options. */
export interface Reporter {
  /**
   * A step begins. End it by a call, with its result ("cached", "36 files"); a step that is not ended has failed.
   * @param hint what a person may want to know while it runs
   */
  step(title: string, hint?: StepHint): Step;
  /**
   * Something worth a line of its own.
   * @param message empty where only programs are told
   * @param fields the message's values for programs, for `--log json`; `event` names its kind
   */
  info(message: string, fields?: Fields): void;
  /** Something the user should act on or know; does not stop the build. */
  warn(message: string): void;
  /** A transfer that is no step of its own, with a known or unknown total; end it with `done`. */
  progress(title: string, totalBytes: number | undefined): ProgressBar;
  /** A wait whose object changes; end it with `done`. */
  waiting(): WaitingLine;
  /** What runs has failed, and the run goes on: shows the steps that have not ended as failed. */
  fail(): void;
  /** Ctrl-C came: says at once that the run ends. */
  stopping(): void;
  /**
   * Leaves the terminal to a question or to another program: nothing is drawn until `work` ends, and what is typed can be
   * seen.
   */
  hold<T>(work: () => Promise<T>): Promise<T>;
}

/** The values of a message for programs. */
export type Fields = Readonly<Record<string, unknown>>;

/** What is known of a step before it begins. */
export interface StepHint {
  /** How long it took the last time on this machine. */
  readonly usualSeconds?: number | undefined;
  /** Said where that is not known: "minutes, once". */
  readonly note?: string | undefined;
}

/** A running step; the call ends it. */
export interface Step {
  (result?: string): void;
  /**
   * How far it is.
   * @param text for people: "112 of 169 packages"
   * @param fields the same for programs: `done`, `total`, `unit`
   */
  update(text: string, fields?: Fields): void;
  /** How far it is in bytes; on a terminal, a bar. */
  bytes(doneBytes: number, totalBytes: number | undefined): void;
}

/** The line that shows the current wait. */
export interface WaitingLine {
  /**
   * @param text one line for people
   * @param fields the same for programs; `event` names its kind
   */
  update(text: string, fields: Fields): void;
  done(): void;
}

/** Progress of one long transfer or write. */
export interface ProgressBar {
  /** Bytes so far, counted from the start of the file (a resumed download starts above 0). */
  update(doneBytes: number): void;
  done(): void;
}

/** A step from its three parts; those that are left out do nothing. */
export function makeStep(
  end: (result?: string) => void = () => undefined,
  { update = () => undefined, bytes = () => undefined }: Partial<Pick<Step, 'update' | 'bytes'>> = {},
): Step {
  return Object.assign((result?: string) => end(result), { update, bytes });
}

/** `count` of `total`, as a step's `update` takes it: `step.update(...countOf(112, 169, 'packages'))`. */
export function countOf(done: number, total: number, unit: string): [text: string, fields: Fields] {
  return [`${done} of ${total} ${unit}`, { done, total, unit }];
}

/** Prints nothing: for tests and library use. */
export const silentReporter: Reporter = {
  step: () => makeStep(),
  info: () => undefined,
  warn: () => undefined,
  progress: () => ({ update: () => undefined, done: () => undefined }),
  waiting: () => ({ update: () => undefined, done: () => undefined }),
  fail: () => undefined,
  stopping: () => undefined,
  hold: (work) => work(),
};
