import type { CarrierData } from '../carriers/carrier.ts';
import { InterruptedError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { canDrawQuestions, openTerminal } from '../guided/terminal.ts';
import { withRun } from '../host/with-run.ts';
import { type Command, listPaths, type ParsedLine } from '../options/command.ts';
import type { BuildOptions } from '../recipe/build-options.ts';
import { createReporter } from '../report/choose-reporter.ts';
import { printResult } from '../report/print-result.ts';
import { readEngine, withoutCarrier } from './container-options.ts';
import type { AskedBuild } from './project-options.ts';

/** `wwanpi build`: parses the options, builds, prints the result. */
export const buildCommand: Command = {
  name: 'build',
  describe: 'Build an image that comes online over LTE at first boot',
  args: [],
  usage: '(--apn APN | --carrier CARRIER)',
  basics: ['apn', 'carrier', 'base', 'ssh-key', 'user', 'password', 'wifi-ssid', 'pin', 'output'],
  examples: [
    {
      line: 'wwanpi build --apn fast.metropcs.com --ssh-key ~/.ssh/id_ed25519.pub',
      describe: 'Raspbian Stretch Lite for MetroPCS, with SSH and your key',
    },
    {
      line: 'wwanpi build --carrier us/google-fi --base debian-bookworm',
      describe: "the APN of a carrier by its name; Debian 12, from Debian's packages alone",
    },
    { line: 'wwanpi build', describe: 'with the options of wwanpi.yaml in this folder' },
    { line: 'wwanpi build --apn internet --in docker', describe: 'with the programs of a container' },
    { line: 'wwanpi build --apn internet --dry-run', describe: 'what would change, as a diff' },
  ],
  details:
    'Project file: the options of a wwanpi.yaml in the working folder are used, too; wwanpi init writes one.',
  collectsIssues: true,
  run: async (line) => {
    const { parseBuild, withProject } = await import('./project-options.ts');
    const { runBuild } = await import('./build.ts');
    const report = createReporter(line);
    const engine = readEngine(line);
    const asked = await withProject(line, report);
    const { argv } = asked;
    if (engine !== undefined) return runInContainer(asked, engine, report);
    const carriers = argv.carrier === undefined ? undefined : await readCarriers(argv, report);
    const parsed = await parseBuild(asked, carriers);
    const login = await askForLogin(argv, parsed);
    const { request, warnings, cacheDir, dryRun, sign } =
      login === undefined ? parsed : await parseBuild({ ...asked, argv: { ...argv, ...login } }, carriers);
    warnings.forEach(report.warn);
    const requireUpdates = argv.requireUpdates === true;
    await withRun({ report, cacheDir, requireUpdates }, async (run) => {
      try {
        const how = { dryRun, sign, json: argv.json === true };
        const text = await runBuild(run.context, request, how);
        printResult(text, how.json ? 'json' : dryRun ? 'diff' : 'marks');
      } catch (error) {
        if (run.context.signal.aborted) throw new InterruptedError('interrupted; no partial files are left');
        report.warn(`log: ${run.logPath}`);
        throw error;
      }
    });
  },
};

async function runInContainer(
  asked: AskedBuild,
  engine: NonNullable<ReturnType<typeof readEngine>>,
  report: Reporter,
): Promise<void> {
  const { SECRET_VARIABLES } = await import('../recipe/build-options.ts');
  const { parseBuild } = await import('./project-options.ts');
  const { cacheDir } = await parseBuild({ ...asked, argv: withoutCarrier(asked.argv) });
  const container = await import('../container/run-in-container.ts');
  await container.runInContainer(asked.argv, {
    engine,
    paths: listPaths(buildCommand),
    report,
    cacheDir,
    variables: Object.values(SECRET_VARIABLES),
    secretVariables: SECRET_VARIABLES,
  });
}

/**
 * Asks for a login on a terminal, before any work, if nobody could log in to the image.
 * @returns the options to add, or undefined if nothing was asked
 */
async function askForLogin(argv: ParsedLine, { request, dryRun }: BuildOptions): Promise<object | undefined> {
  const { base, recipe } = request;
  if (dryRun || recipe.noLogin || argv.json === true || argv.log === 'json' || !canDrawQuestions())
    return undefined;
  const { foreseeNoLogin } = await import('../customise/warn-no-login.ts');
  if ((await foreseeNoLogin(base, recipe)) === undefined) return undefined;
  const { askLogin } = await import('../guided/ask-login.ts');
  const { findSshKeys } = await import('../guided/find-ssh-keys.ts');
  const terminal = openTerminal();
  try {
    return await askLogin(terminal, await findSshKeys(), recipe.user ?? 'pi');
  } finally {
    terminal.close();
  }
}

/** Reads the carriers' data. A run to fetch it starts only if it is not installed. */
async function readCarriers(argv: ParsedLine, report: Reporter): Promise<CarrierData> {
  const { loadCarriers } = await import('../carriers/load-carriers.ts');
  const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
  return loadCarriers((fn) => withRun({ report, cacheDir }, ({ context }) => fn(context)));
}
