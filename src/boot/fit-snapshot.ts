import type { ImageSetup } from './parse-expectations.ts';
import { listPowerCuts, type Scenario } from './scenario.ts';

/**
 * Why a scenario needs a whole boot of such an image; undefined if it can start from a snapshot of the booted guest. The
 * snapshot has neither modem nor cable, and its settings, kernel and files are those of the image.
 */
export function findWholeBootReason(
  scenario: Scenario,
  setup: Pick<ImageSetup, 'firstBoot'>,
): string | undefined {
  const { machine, expected } = scenario;
  const isAboutPackages = expected.verdict === 'online' && expected.firstBootWithinMs !== undefined;
  const reasons = [
    [scenario.wholeBoot !== undefined, scenario.wholeBoot],
    [listPowerCuts(scenario).length > 0, 'the power is cut while the system boots'],
    [machine.set !== undefined, 'the settings in wwanpi.txt are taken over while the system boots'],
    [machine.kernel === 'image', "the image's own kernel starts"],
    [machine.qmicli !== 'image', 'another qmicli is there before the system starts'],
    [machine.ethernet !== false, 'the cable is there from power-on'],
    [isAboutPackages || setup.firstBoot !== undefined, 'the image installs its packages at its first start'],
  ] as const;
  return reasons.find(([is]) => is)?.[1];
}
