import type { Behaviour } from '../behaviour.ts';

/** Answers a behaviour prescribes for given commands; one book for all ports, so that `times` counts once. */
export interface AnswerBook {
  /** The lines for this command, or undefined when the stick is to answer itself. */
  take(command: string): readonly string[] | undefined;
}

/** Commands are compared without regard to case and spaces. The first entry with uses left wins. */
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
