import { InputError } from '../core/errors.ts';
import type { ImageSetup } from './parse-expectations.ts';
import type { Expectation, Scenario } from './scenario.ts';

/**
 * The scenario as it is for such an image: with what differs on the image's stack.
 * @throws InputError when it says nothing about the image's stack, or the image lacks what the scenario is about
 */
export function fitScenario(scenario: Scenario, setup: ImageSetup): Scenario {
  const { name, machine, stacks } = scenario;
  const difference = stacks?.[setup.stack] ?? {};
  if ('notFor' in difference) throw refuse(name, setup, difference.notFor);
  if (setup.stack === 'ifupdown' && (machine.device ?? 'e397u') !== 'e397u') {
    throw refuse(name, setup, 'it has a modem that needs ModemManager');
  }
  assertFits(scenario, setup);
  return {
    ...scenario,
    behaviour: { ...scenario.behaviour, ...difference.behaviour },
    expected: withoutAtCommand(difference.expected ?? scenario.expected, setup),
  };
}

/** With ModemManager there is no AT command to fail; the call is the next. */
function withoutAtCommand(expected: Expectation, { stack }: ImageSetup): Expectation {
  if (stack === 'ifupdown' || expected.verdict === 'online' || expected.fails !== 'at-command')
    return expected;
  return { ...expected, fails: 'start-network' };
}

const DIALS = { ifupdown: 'ifupdown and qmi-network', networkmanager: 'NetworkManager and ModemManager' };

function refuse(name: string, { stack }: ImageSetup, why: string): InputError {
  return new InputError(
    `the scenario ${name} says nothing about this image, which dials with ${DIALS[stack]}: ${why}`,
    {
      hint: 'wwanpi boot --help-all lists the scenarios',
    },
  );
}

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
