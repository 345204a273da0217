import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/package.ts';

/** What one process runs: a file, or several small ones one after the other. */
export interface Job {
  /** `e2e-fleet`, `unit-2`. */
  readonly name: string;
  /** Test files below the project's folder. */
  readonly files: readonly string[];
}

/**
 * Files that take longest, the longest first: begun first, so that the processes end at about the same time. `make test` and
 * `make test-long` end with the times by which this is ordered.
 */
export const LONGEST: readonly string[] = [
  'test/long/trixie-scenarios.test.ts',
  'test/long/scenarios.test.ts',
  'test/long/raspios-standin.test.ts',
  'test/long/builders.test.ts',
  'test/long/kernel-upgrade.test.ts',
  'test/long/power-cuts.test.ts',
  'test/long/builder-image.test.ts',
  'test/long/debian-bases.test.ts',
  'test/long/fleet.test.ts',
  'test/long/other-software.test.ts',
  'test/long/kept-metric.test.ts',
  'test/long/kills.test.ts',
  'test/long/action-boot.test.ts',
  'test/long/foreign-data.test.ts',
  'test/e2e/boot.test.ts',
  'test/e2e/trixie-boot.test.ts',
  'test/integration/formats/card-settings.test.ts',
  'test/e2e/fleet.test.ts',
  'test/e2e/container.test.ts',
  'test/e2e/compress.test.ts',
  'test/e2e/ci-flow.test.ts',
  'test/e2e/damaged-cache.test.ts',
  'test/e2e/flash.test.ts',
  'test/integration/modem/small-guest.test.ts',
  'test/e2e/guided.test.ts',
  'test/integration/catalogue/access.test.ts',
  'test/e2e/debian-trixie.test.ts',
  'test/e2e/debian-bookworm.test.ts',
  'test/e2e/hostile-base.test.ts',
  'test/integration/modem/supervisor.test.ts',
  'test/integration/modem/wwan-doctor.test.ts',
  'test/e2e/maker.test.ts',
  'test/integration/libqmi/hostile-base.test.ts',
];

/** Short files that a process runs alone: they change TMPDIR or the user, or have hooks for the whole process. */
export const ALONE: readonly string[] = [
  'test/e2e/screens.test.ts',
  'test/e2e/set-screen.test.ts',
  'test/integration/customise/apply-as-nobody.test.ts',
  'test/integration/formats/xz-stored.test.ts',
];

/** The levels of `make test`. */
export const QUICK_LEVELS: readonly string[] = ['e2e', 'integration', 'unit'];

/** That of `make test-long`. */
export const LONG_LEVELS: readonly string[] = ['long'];

/** All that are run here. A file of test/soak has the machine to itself. */
export const LEVELS: readonly string[] = [...QUICK_LEVELS, ...LONG_LEVELS];

/** Every test file of these levels, below the project's folder. */
export function listTestFiles(levels: readonly string[]): string[] {
  return levels.flatMap((level) =>
    readdirSync(join(packageRoot, 'test', level), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => `test/${level}/${name}`)
      .sort(),
  );
}

/** So many processes share the short files of a level, each a part of the alphabet. */
const SHARED: Readonly<Record<string, number>> = { e2e: 4, integration: 8, unit: 4 };

/**
 * Divides files into jobs, in the order in which they begin. A process takes a second to start and to load what it tests, longer than
 * most files run: short files share one.
 */
export function planJobs(files: readonly string[]): Job[] {
  const longest = LONGEST.filter((file) => files.includes(file)).map(planAlone);
  const shared = Object.entries(SHARED).flatMap(([level, count]) => {
    const short = files.filter((file) => file.startsWith(`test/${level}/`) && !isAlone(file));
    return Array.from({ length: count }, (_, index) => ({
      name: `${level}-${index + 1}`,
      files: short.filter((_file, at) => Math.floor((at * count) / short.length) === index),
    })).filter((job) => job.files.length > 0);
  });
  const others = files.filter((file) => isAlone(file) && !LONGEST.includes(file));
  return [...longest, ...shared, ...others.map(planAlone)];
}

/** Whether a file boots, builds or compares at length. */
export function isLong(file: string): boolean {
  return LONG_LEVELS.some((level) => file.startsWith(`test/${level}/`));
}

function isAlone(file: string): boolean {
  return LONGEST.includes(file) || ALONE.includes(file) || isLong(file);
}

function planAlone(file: string): Job {
  return { name: file.replace(/^test\/|\.test\.ts$/g, '').replaceAll('/', '-'), files: [file] };
}
