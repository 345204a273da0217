import { findBase } from '../base/bases.ts';
import type { CarrierData } from '../carriers/carrier.ts';
import { loadCarriers } from '../carriers/load-carriers.ts';
import { AppError, InputError } from '../core/errors.ts';
import { silentReporter } from '../core/reporter.ts';
import type { Answers, NextChoice } from '../guided/answers.ts';
import { askForImage, BUILD_DEFAULTS, type Parse } from '../guided/ask-for-image.ts';
import type { Known } from '../guided/ask-question.ts';
import { findSshKeys } from '../guided/find-ssh-keys.ts';
import { guessCountry } from '../guided/guess-country.ts';
import { formatSameAgain, planGuidedBuild } from '../guided/plan-guided.ts';
import { readPlace } from '../guided/read-place.ts';
import { wrap } from '../guided/render-question.ts';
import { canDrawQuestions, openTerminal } from '../guided/terminal.ts';
import { type Purpose, packagesOfMissing, probeHostTools } from '../host/host-tools.ts';
import { defaultCacheDir, withRun } from '../host/with-run.ts';
import type { BuildRequest } from '../recipe/build-request.ts';
import { expectLibqmi } from '../recipe/choose-libqmi.ts';
import { listPurposes } from '../recipe/list-purposes.ts';
import { createReporter } from '../report/choose-reporter.ts';
import { installPackages, isRoot, runAsRoot } from './as-root.ts';
import { bootCommand } from './boot-command.ts';
import { buildCommand } from './build-command.ts';
import { runFetch } from './fetch.ts';
import { flashCommand } from './flash-command.ts';
import { parseBuild, withProject } from './project-options.ts';

/**
 * Runs `wwanpi` alone on a terminal: asks for everything that an image needs, makes it by the same commands as a person
 * who types them, and ends with the command that does the same.
 * @throws InterruptedError when the person leaves, and whatever build, boot and flash throw
 */
export async function runGuided(): Promise<void> {
  const introduction = INTRODUCTION.flatMap((text) => wrap(text, (process.stderr.columns ?? 80) - 1));
  process.stderr.write(`\n${introduction.join('\n')}\n\n`);
  const terminal = openTerminal();
  let decision: Awaited<ReturnType<typeof askForImage>>;
  try {
    const known = await lookAround();
    const parse: Parse = async (argv) => parseBuild(await withProject(argv, silentReporter), known.data);
    decision = await askForImage(terminal, known, { parse, findMissing });
  } finally {
    terminal.close();
  }
  const { answers, imagePath, missingPackages } = decision;
  const build = planGuidedBuild(answers);
  const sameAgain = formatSameAgain(build);
  try {
    await installPackages(missingPackages);
    await fetchAsRoot(answers);
    await buildCommand.run({ ...BUILD_DEFAULTS, ...build.options, ...build.secrets });
    await goOn(answers, imagePath);
  } finally {
    process.stderr.write(`\n${sameAgain}`);
  }
}

const INTRODUCTION = [
  'wwanpi makes an image for a Raspberry Pi that is online by LTE.',
  'Answer a few questions; nothing is made before you have seen the plan.',
];

/** Looks for what the choices are made from. Without the carriers' data, the APN is typed. */
async function lookAround(): Promise<Known> {
  const report = createReporter({});
  const data = await loadCarriers((fn) => withRun({ report }, ({ context }) => fn(context))).catch(
    (error: unknown): CarrierData | undefined => {
      if (!(error instanceof AppError)) throw error;
      report.warn(`the carriers cannot be listed: ${error.message}`);
      return undefined;
    },
  );
  const countries = [...new Set((data?.carriers ?? []).map(({ country }) => country))];
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return {
    data,
    keys: await findSshKeys(),
    place: await readPlace(),
    guess: guessCountry(process.env, timeZone, countries),
  };
}

async function findMissing(request: BuildRequest, next: NextChoice): Promise<string[]> {
  const purposes: Purpose[] = [
    ...listPurposes(request, expectLibqmi(request)),
    ...(next.startsWith('boot') ? (['boot'] as const) : []),
    ...(next.endsWith('flash') ? (['flash'] as const) : []),
  ];
  const statuses = await withRun({ report: silentReporter }, ({ context }) =>
    probeHostTools(context, new Set(purposes)),
  );
  return packagesOfMissing(statuses);
}

/**
 * A base that wwanpi builds is built by root, once. As any other user, this looks whether it is in the cache, and runs
 * sudo if it is not.
 */
async function fetchAsRoot({ base = '' }: Answers): Promise<void> {
  if (findBase(base)?.kind !== 'built' || isRoot()) return;
  try {
    await runFetch(createReporter({}), [base]);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    await runAsRoot(['fetch', '--base', base, '--cache-dir', defaultCacheDir()]);
  }
}

async function goOn({ next }: Answers, image: string): Promise<void> {
  if (next === 'boot' || next === 'boot-flash') await bootCommand.run({ image, log: 'text' });
  if (next !== 'flash' && next !== 'boot-flash') return;
  if (isRoot()) await flashCommand.run({ image, log: 'text' });
  else await runAsRoot(['flash', image]);
}

/** Whether `wwanpi` alone asks: somebody sees both the questions and the results. */
export function canGuide(): boolean {
  return canDrawQuestions() && process.stdout.isTTY === true;
}
