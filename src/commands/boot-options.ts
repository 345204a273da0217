import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { readScenario } from '../boot/read-scenario.ts';
import { listPowerCuts, type Scenario } from '../boot/scenario.ts';
import { soak, USUAL_SOAK } from '../boot/soak.ts';
import { CARD_KEYS, isCardKey } from '../formats/card-settings/keys.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { defaultCacheDir } from '../host/with-run.ts';
import { canAsk } from './ask.ts';

/** The options of `wwanpi boot`, checked. Paths are absolute. */
export interface BootOptions {
  readonly imagePath: string;
  readonly scenario: Scenario;
  readonly apn: string | undefined;
  readonly timeoutMs: number;
  readonly wallTimeoutMs: number;
  readonly reportPath: string | undefined;
  readonly jsonPath: string | undefined;
  readonly logFolder: string;
  readonly fromSnapshot: boolean;
  readonly showConsole: boolean;
  /** Give the user the console instead of a test. */
  readonly shell: boolean;
  readonly cacheDir: string | undefined;
}

/** In guest time, from power-on. A boot takes about 40 s, a recovery up to 4 min. */
const USUAL_TIMEOUT_MS = 360_000;
/** A host that is this many times slower than the guest's clock is too busy for a verdict. One at 10 % of a processor is not. */
const WALL_FACTOR = 30;
const DAY_MS = 24 * 3_600_000;

/** @throws OptionsError with every issue of scenario, times and files */
export async function parseBootOptions(argv: Readonly<Record<string, unknown>>): Promise<BootOptions> {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  const path = (value: unknown) => (text(value) === undefined ? undefined : resolve(String(value)));
  const imagePath = resolve(String(argv.image));
  const issues: Issue[] = [];
  const named = withSoakOptions(await readScenario(text(argv.scenario) ?? 'online'), argv, issues);
  const scenario = withSettings(named, argv.set, issues);
  const timeoutMs = readMs('timeout', argv.timeout, DAY_MS, issues) ?? scenario.timeoutMs ?? USUAL_TIMEOUT_MS;
  const wallTimeoutMs =
    readMs('wall-timeout', argv.wallTimeout, 30 * DAY_MS, issues) ?? WALL_FACTOR * timeoutMs;
  const cacheDir = path(argv.cacheDir);
  const reportPath = path(argv.report);
  const jsonPath = path(argv.json);
  issues.push(...(await checkFile('report', reportPath)), ...(await checkFile('json', jsonPath)));
  if (argv.shell === true) issues.push(...checkShell(scenario));
  if (issues.length > 0) throw new OptionsError(issues);
  const logFolder =
    path(argv.keep) ??
    (reportPath === undefined
      ? join(cacheDir ?? defaultCacheDir(), 'boots', `${basename(imagePath)}-${scenario.name}`)
      : join(dirname(reportPath), `${basename(reportPath, extname(reportPath))}-logs`));
  return {
    imagePath,
    scenario,
    apn: text(argv.apn),
    timeoutMs,
    wallTimeoutMs,
    reportPath,
    jsonPath,
    logFolder,
    fromSnapshot: argv.fromSnapshot === true,
    showConsole: argv.console === true,
    shell: argv.shell === true,
    cacheDir,
  };
}

/** Converts seconds to milliseconds; undefined without the option. */
function readMs(option: string, value: unknown, maxMs: number, issues: Issue[]): number | undefined {
  if (value === undefined) return undefined;
  const ms = Number(value) * 1000;
  if (!(ms >= 1000 && ms <= maxMs)) {
    const message = `is not a number of seconds between 1 and ${maxMs / 1000}`;
    issues.push({ option, value: String(value), message });
  }
  return ms;
}

function checkShell(scenario: Scenario): Issue[] {
  const option = 'shell';
  // A test does these at their moments; nobody does them here.
  const isDriven = scenario.machine.plugInAfterBootMs !== undefined || listPowerCuts(scenario).length > 0;
  return [
    ...(canAsk() ? [] : [{ option, message: 'needs a terminal' }]),
    ...(isDriven ? [{ option, message: `cannot be combined with {--scenario} ${scenario.name}` }] : []),
  ];
}

async function checkFile(option: string, path: string | undefined): Promise<Issue[]> {
  const found = path === undefined ? undefined : await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return [];
  return [{ option, value: path, message: 'is a folder', hint: 'name a file' }];
}

/** Applies --set, on top of what the scenario itself sets. Whether a value is valid is for the Pi to say: that is tested. */
function withSettings(scenario: Scenario, given: unknown, issues: Issue[]): Scenario {
  const settings = Array.isArray(given) ? given.map(String) : [];
  if (settings.length === 0) return scenario;
  const pairs = settings.map((setting) => {
    const at = setting.indexOf('=');
    return { setting, key: setting.slice(0, Math.max(at, 0)).toLowerCase(), value: setting.slice(at + 1) };
  });
  const keys = CARD_KEYS.map(({ key }) => key);
  for (const { setting, key, value } of pairs) {
    const message = !setting.includes('=')
      ? 'is not KEY=VALUE'
      : !isCardKey(key)
        ? 'has no key of wwanpi.txt'
        : /\p{Cc}/u.test(value)
          ? 'holds a control character, which no line of wwanpi.txt can'
          : undefined;
    if (message === undefined) continue;
    const hint = suggestNearest(key, keys) ?? `its keys are ${keys.join(', ')}`;
    // The value may be a password.
    issues.push({ option: 'set', value: key, message, ...(isCardKey(key) ? {} : { hint }) });
  }
  const set = Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
  return { ...scenario, machine: { ...scenario.machine, set: { ...scenario.machine.set, ...set } } };
}

/** Applies --seed and --minutes, which are only for the soak. */
function withSoakOptions(
  scenario: Scenario,
  { seed = USUAL_SOAK.seed, minutes = USUAL_SOAK.minutes }: Readonly<Record<string, unknown>>,
  issues: Issue[],
): Scenario {
  const options = { seed: Number(seed), minutes: Number(minutes) };
  const unusual = [
    ...(options.seed === USUAL_SOAK.seed ? [] : ['seed']),
    ...(options.minutes === USUAL_SOAK.minutes ? [] : ['minutes']),
  ];
  if (unusual.length === 0) return scenario;
  if (scenario.name !== 'soak') {
    const message = `is only for the scenario soak, not for ${scenario.name}`;
    issues.push(...unusual.map((option) => ({ option, message })));
    return scenario;
  }
  const found: Issue[] = [];
  if (!Number.isInteger(options.seed) || options.seed < 0 || options.seed > 0xffff_ffff) {
    const message = 'is not a whole number from 0 to 4294967295';
    found.push({ option: 'seed', value: String(seed), message });
  }
  if (!(options.minutes >= 5 && options.minutes <= 720)) {
    found.push({ option: 'minutes', value: String(minutes), message: 'is not between 5 and 720' });
  }
  issues.push(...found);
  return found.length > 0 ? scenario : soak(options);
}
