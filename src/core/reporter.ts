/** Receives the progress of the pipeline. `choose-reporter.ts` picks one by the options. */
export interface Reporter {
  /** A step begins; the returned function ends it with its result ("cached", "36 files"). */
  step(title: string): (result?: string) => void;
  /**
   * Something worth a line of its own.
   * @param fields the message's values for programs, for `--log json`; `event` names its kind
   */
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Something the user should act on or know; does not stop the build. */
  warn(message: string): void;
  /** Long work with a known or unknown total; end it with `done`. */
  progress(title: string, totalBytes: number | undefined): ProgressBar;
  /** A wait whose object changes; end it with `done`. One at a time. */
  waiting(): WaitingLine;
}

/** The line that shows the current wait. */
export interface WaitingLine {
  /**
   * @param text one line for people
   * @param fields the same for programs; `event` names its kind
   */
  update(text: string, fields: Readonly<Record<string, unknown>>): void;
  done(): void;
}

/** Progress of one long transfer or write. */
export interface ProgressBar {
  /** Bytes so far, counted from the start of the file (a resumed download starts above 0). */
  update(doneBytes: number): void;
  done(): void;
}

/** Prints nothing: for tests and library use. */
export const silentReporter: Reporter = {
  step: () => () => undefined,
  info: () => undefined,
  warn: () => undefined,
  progress: () => ({ update: () => undefined, done: () => undefined }),
  waiting: () => ({ update: () => undefined, done: () => undefined }),
};
