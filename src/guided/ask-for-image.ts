import { join, relative } from 'node:path';
import { InterruptedError } from '../core/errors.ts';
import type { BuildOptions } from '../recipe/build-options.ts';
import type { BuildRequest } from '../recipe/build-request.ts';
import type { Answers, Facts, NextChoice } from './answers.ts';
import { createAsk, type Known } from './ask-question.ts';
import { type Dialogue, goBack, NEW_DIALOGUE, runDialogue } from './dialogue.ts';
import { describePlan, planGuidedBuild, warnOfNobody } from './plan-guided.ts';
import { type AskingTerminal, askChoice, type Choice } from './prompts.ts';
import { fitPlace } from './read-place.ts';
import { LABEL_WIDTH } from './render-question.ts';

/** What a person decided on. */
export interface Decision {
  readonly answers: Answers;
  /** The image that will be made, relative to the working folder. */
  readonly imagePath: string;
  /** The Debian packages to install first. */
  readonly missingPackages: readonly string[];
}

/** Reads the options of a build as `wwanpi build` does, with those of the folder's project file. */
export type Parse = (argv: Readonly<Record<string, unknown>>) => Promise<BuildOptions>;

/** What the build gets besides the answers: what the command line has by default. */
export const BUILD_DEFAULTS = { output: 'out', log: 'text' } as const;

/** Finds the Debian packages that a build, and what comes after it, needs and that are not installed. */
export type FindMissing = (request: BuildRequest, next: NextChoice) => Promise<readonly string[]>;

/**
 * Asks everything, shows the plan and asks whether to go on. From the plan one can go back to the last question.
 * @throws InterruptedError when the person leaves, OptionsError when the answers do not make an image
 */
export async function askForImage(
  terminal: AskingTerminal,
  known: Known,
  { parse, findMissing }: { readonly parse: Parse; readonly findMissing: FindMissing },
): Promise<Decision> {
  const ask = createAsk(terminal, known);
  const facts: Facts = {
    hasCarriers: known.data !== undefined,
    hasPlace: (base) => Object.keys(fitPlace(known.place, base)).length > 0,
  };
  let dialogue: Dialogue = NEW_DIALOGUE;
  for (;;) {
    dialogue = await runDialogue(facts, ask, dialogue);
    const { answers } = dialogue;
    const { next = 'nothing' } = answers;
    const { options, secrets } = planGuidedBuild(answers);
    const argv = { ...BUILD_DEFAULTS, ...options, ...secrets };
    const { request, warnings } = await parse(argv);
    const imagePath = relative('', join(request.outputFolder, `${request.recipe.name}.img`));
    const nobody = answers.login?.kind === 'nobody' ? [warnOfNobody(answers.base ?? '')] : [];
    const missingPackages = await findMissing(request, next);
    const missing =
      missingPackages.length === 0
        ? []
        : [`These programs are installed first: apt-get install ${missingPackages.join(' ')}`];
    const heading = {
      answered: [],
      question: 'This is the plan. Shall it be done?',
      plan: describePlan(answers, known.data, imagePath),
      warnings: [...nobody, ...warnings, ...missing],
      canGoBack: true,
    };
    const choices: readonly Choice<'go' | 'back' | 'leave'>[] = [
      { value: 'go', label: GO[next] },
      { value: 'back', label: 'No, go back' },
      { value: 'leave', label: 'No, leave' },
    ];
    const decision = await askChoice(terminal, heading, choices, undefined);
    if (decision === 'go') {
      // The questions are gone from the screen; the plan stays.
      terminal.output.write(heading.plan.map(formatPlanLine).join(''));
      return { answers, imagePath, missingPackages };
    }
    if (decision === 'leave') throw new InterruptedError('nothing was made');
    dialogue = goBack(dialogue);
  }
}

function formatPlanLine([label, text]: readonly [string, string]): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${text}\n`;
}

const GO: Readonly<Record<NextChoice, string>> = {
  nothing: 'Yes, make the image',
  boot: 'Yes, make the image and test it',
  flash: 'Yes, make the image and write it',
  'boot-flash': 'Yes, make the image, test it, write it',
};
