/** A way the command can end. */
export interface ExitCode {
  readonly exitCode: number;
  /** The same as a word, for programs: `code` of an error in `--log json`. */
  readonly code: string;
  /** For people: README and the manual page. */
  readonly meaning: string;
}

/** Every exit code, stable across releases. The classes of `errors.ts` are held equal to it by a test, README's table too. */
export const EXIT_CODES: readonly ExitCode[] = [
  { exitCode: 0, code: 'done', meaning: 'done' },
  { exitCode: 1, code: 'different', meaning: '`wwanpi diff` alone: the two images differ' },
  {
    exitCode: 2,
    code: 'input',
    meaning: "an option, the recipe or the base can't be used; nothing was touched",
  },
  {
    exitCode: 3,
    code: 'tool-missing',
    meaning: 'a host program is missing (`wwanpi doctor` names the package)',
  },
  {
    exitCode: 4,
    code: 'tool-failed',
    meaning: 'a host program, or the card that was flashed, failed; the log has all it said',
  },
  { exitCode: 5, code: 'verification', meaning: 'a hash or a read-back check did not hold' },
  { exitCode: 6, code: 'compile', meaning: 'libqmi did not compile, or does not fit the base' },
  { exitCode: 7, code: 'boot-test', meaning: 'a boot test failed' },
  { exitCode: 8, code: 'network', meaning: 'the network failed; run it again, downloads resume' },
  {
    exitCode: 9,
    code: 'too-busy',
    meaning: 'this machine was too busy for a boot test; nothing is known of the image',
  },
  { exitCode: 70, code: 'bug', meaning: 'a bug in wwanpi' },
  {
    exitCode: 130,
    code: 'interrupted',
    meaning:
      'interrupted; nothing half-written is left, but on a card that was being flashed, and that is said',
  },
];

/** The word for an exit code; `bug` for one that is not in the table. */
export function nameExitCode(exitCode: number): string {
  return EXIT_CODES.find((entry) => entry.exitCode === exitCode)?.code ?? 'bug';
}
