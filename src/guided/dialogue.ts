import { type Answers, type Facts, findNextQuestion, type QuestionName } from './answers.ts';

/** The answer that leads to the question before. */
export const BACK = Symbol('back');

/** What one question needs to know. */
export interface Turn {
  readonly name: QuestionName;
  /** The answers to the questions before. */
  readonly answers: Answers;
  /** The answer that was given before the person went back. */
  readonly former: Answers;
  readonly canGoBack: boolean;
}

/** Asks one question: an answer, or `BACK`. */
export type Ask = (turn: Turn) => Promise<Answers[QuestionName] | typeof BACK>;

/** A dialogue in which all questions are answered, and to which one can return. */
export interface Dialogue {
  readonly answers: Answers;
  /** The questions that were asked, in their order. */
  readonly path: readonly QuestionName[];
  readonly former: Answers;
}

/** A dialogue before its first question. */
export const NEW_DIALOGUE: Dialogue = { answers: {}, path: [], former: {} };

/**
 * Asks every question that applies. Back forgets the last answer and asks its question again, so the answers are always
 * those of the questions on the path.
 * @param start where to begin; to go back from the end, give `goBack(dialogue)`
 */
export async function runDialogue(facts: Facts, ask: Ask, start: Dialogue = NEW_DIALOGUE): Promise<Dialogue> {
  let dialogue = start;
  for (;;) {
    const { answers, path, former } = dialogue;
    const name = findNextQuestion(answers, facts);
    if (name === undefined) return dialogue;
    const answer = await ask({ name, answers, former, canGoBack: path.length > 0 });
    dialogue =
      answer === BACK
        ? goBack(dialogue)
        : { answers: { ...answers, [name]: answer }, path: [...path, name], former };
  }
}

/** The dialogue before its last answer. */
export function goBack({ answers, path, former }: Dialogue): Dialogue {
  const last = path.at(-1);
  if (last === undefined) return { answers, path, former };
  const { [last]: forgotten, ...kept } = answers;
  return { answers: kept, path: path.slice(0, -1), former: { ...former, [last]: forgotten } };
}
