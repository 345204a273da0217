/** Whom the pipeline tells how it is getting on. `choose-reporter.ts` picks the one that is asked for. */
export interface Reporter {
  /** A step begins; the returned function ends it with what came out of it ("cached", "36 files"). */
  step(title: string): (result?: string) => void;
  /**
   * Something worth a line of its own.
   * @param fields what a program would want to read out of the message, for `--log json`; `event` names what it is
   */
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Something the user should act on or know; does not stop the build. */
  warn(message: string): void;
  /** Long work with a known or unknown total; end it with `done`. */
  progress(title: string, totalBytes: number | undefined): ProgressBar;
  /** Something is waited for, and what that is changes; end it with `done`. One at a time. */
  waiting(): WaitingLine;
}

/** What is waited for just now. */
export interface WaitingLine {
  /**
   * @param text one line for people
   * @param fields the same for programs; `event` names what it is
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

/** Says nothing: for tests and library use. */
export const silentReporter: Reporter = {
  step: () => () => undefined,
  info: () => undefined,
  warn: () => undefined,
  progress: () => ({ update: () => undefined, done: () => undefined }),
  waiting: () => ({ update: () => undefined, done: () => undefined }),
};
