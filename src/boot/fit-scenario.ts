import { InputError } from '../core/errors.ts';
import type { Stack } from '../core/model.ts';
import type { ImageSetup } from './parse-expectations.ts';
import { type Expectation, getDeviceName, type Scenario, type StackDifference } from './scenario.ts';

/**
 * The scenario as it is for such an image: with what differs on the image's stack.
 * @throws InputError when it says nothing about the image's stack, or the image lacks what the scenario is about
 */
export function fitScenario(scenario: Scenario, setup: ImageSetup): Scenario {
  const misfit = findMisfit(scenario, setup.stack);
  if (misfit !== undefined) {
    throw new InputError(
      `the scenario ${scenario.name} says nothing about this image, which dials with ${DIALS[setup.stack]}: ${misfit}`,
      { hint: 'wwanpi boot --help-all lists the scenarios' },
    );
  }
  assertFits(scenario, setup);
  const {
    description = scenario.description,
    behaviour = {},
    expected = scenario.expected,
  } = getDifference(scenario, setup.stack);
  return {
    ...scenario,
    description,
    behaviour: { ...scenario.behaviour, ...behaviour },
    expected: withoutAtCommand(expected, setup),
  };
}

/** Why the scenario says nothing about an image of that stack; undefined if it does say something. */
export function findMisfit(scenario: Scenario, stack: Stack): string | undefined {
  const difference = scenario.stacks?.[stack];
  if (difference !== undefined && 'notFor' in difference) return difference.notFor;
  const isForeign = stack === 'ifupdown' && getDeviceName(scenario) !== 'e397u';
  return isForeign ? 'it has a modem that needs ModemManager' : undefined;
}

/** What differs in the scenario on a stack that it says something about. */
export function getDifference(
  { stacks }: Scenario,
  stack: Stack,
): Exclude<StackDifference, { notFor: string }> {
  const difference = stacks?.[stack] ?? {};
  return 'notFor' in difference ? {} : difference;
}

/** With ModemManager there is no AT command to fail; the call is the next. */
function withoutAtCommand(expected: Expectation, { stack }: ImageSetup): Expectation {
  if (stack === 'ifupdown' || expected.verdict === 'online' || expected.fails !== 'at-command')
    return expected;
  return { ...expected, fails: 'start-network' };
}

const DIALS = { ifupdown: 'ifupdown and qmi-network', networkmanager: 'NetworkManager and ModemManager' };

function assertFits({ name, network, expected }: Scenario, setup: ImageSetup): void {
  const isAboutPackages = expected.verdict === 'online' && expected.firstBootWithinMs !== undefined;
  const needs = [
    [network.credentials, setup.credentials, 'a user and password', '--apn-user'],
    [network.pin !== undefined, setup.pin, "the SIM's PIN", '--pin'],
    [isAboutPackages, setup.firstBoot, 'packages or scripts of its own', '--package'],
  ] as const;
  for (const [isNeeded, has, what, option] of needs) {
    if (!isNeeded || has !== undefined) continue;
    throw new InputError(`the scenario ${name} needs an image with ${what}`, {
      hint: `wwanpi build --apn … ${option} … makes one`,
    });
  }
}
