import type { Behaviour } from '../behaviour.ts';

/** The answers that a behaviour prescribes for given commands. All ports share one, so `times` counts them together. */
export interface AnswerBook {
  /** The lines for this command; undefined if the modem answers itself. */
  take(command: string): readonly string[] | undefined;
}

/** Commands are compared without case and spaces. The first entry that has uses left wins. */
export function createAnswerBook(answers: Behaviour['atAnswers']): AnswerBook {
  const left = answers.map((answer) => ({
    command: normal(answer.command),
    lines: answer.lines,
    uses: answer.times ?? Number.POSITIVE_INFINITY,
  }));
  return {
    take(command) {
      const entry = left.find((each) => each.uses > 0 && each.command === normal(command));
      if (entry === undefined) return undefined;
      entry.uses -= 1;
      return entry.lines;
    },
  };
}

function normal(command: string): string {
  return command.replace(/\s/g, '').toUpperCase();
}
