/** A way the command can end. */
export interface ExitCode {
  readonly exitCode: number;
  /** The same as a word, for programs: `code` of an error in `--log json`. */
  readonly code: string;
  /** For people: the manual page and the documentation. */
  readonly meaning: string;
}

/** Every exit code, stable across releases. The error classes (errors.ts) take theirs from here, by its word. */
export const EXIT_CODES = [
  { exitCode: 0, code: 'done', meaning: 'done' },
  { exitCode: 1, code: 'different', meaning: '`wwanpi diff` only: the two images differ' },
  {
    exitCode: 2,
    code: 'input',
    meaning: 'an option, the recipe or the base cannot be used; nothing was changed',
  },
  {
    exitCode: 3,
    code: 'tool-missing',
    meaning: 'a host program is missing (`wwanpi doctor` names the package)',
  },
  {
    exitCode: 4,
    code: 'tool-failed',
    meaning:
      'a host program, a disk (full, read-only) or the card that was flashed failed; the log has the output',
  },
  { exitCode: 5, code: 'verification', meaning: 'a checksum or a read-back check failed' },
  { exitCode: 6, code: 'compile', meaning: 'libqmi did not compile, or does not fit the base' },
  { exitCode: 7, code: 'boot-test', meaning: 'a boot test failed' },
  { exitCode: 8, code: 'network', meaning: 'the network failed; run it again, downloads resume' },
  {
    exitCode: 9,
    code: 'too-busy',
    meaning: 'this machine was too busy for a boot test; it says nothing about the image',
  },
  { exitCode: 70, code: 'bug', meaning: 'a bug in wwanpi' },
  {
    exitCode: 130,
    code: 'interrupted',
    meaning:
      'interrupted; no partial files are left (a card being flashed is left unbootable, with a warning)',
  },
] as const satisfies readonly ExitCode[];

/** The word for a way the command can end. */
export type ExitWord = (typeof EXIT_CODES)[number]['code'];

const BY_WORD = Object.fromEntries(EXIT_CODES.map(({ code, exitCode }) => [code, exitCode])) as Readonly<
  Record<ExitWord, number>
>;

/** The exit code that a word stands for. */
export function getExitCode(word: ExitWord): number {
  return BY_WORD[word];
}

/** The word for an exit code; `bug` for one that is not in the table. */
export function nameExitCode(exitCode: number): ExitWord {
  return EXIT_CODES.find((entry) => entry.exitCode === exitCode)?.code ?? 'bug';
}
