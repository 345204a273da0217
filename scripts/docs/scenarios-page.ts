import { findMisfit } from '../../src/boot/fit-scenario.ts';
import { type Expectation, MILESTONES, type Scenario } from '../../src/boot/scenario.ts';
import { SCENARIOS } from '../../src/boot/scenarios.ts';
import { formatCode, formatTable, formatText, type GeneratedPage } from './markdown.ts';

/** docs/reference/scenarios.md: every scenario that ships, from the table that `wwanpi boot` reads. */
export function makeScenariosPage(): GeneratedPage {
  const text = [
    '# Scenarios',
    '',
    'A scenario defines what the modem and its network do, and how the boot must end. Run one with',
    '`wwanpi boot IMAGE --scenario NAME`: [Boot-test an image](../how-to/boot-test.md).',
    'Define your own in a JSON file: [Write a scenario](../how-to/another-scenario.md).',
    '',
    formatTable(
      ['scenario', 'the modem and its network', 'the boot passes when'],
      SCENARIOS.map((scenario) => [
        formatCode(scenario.name),
        formatText(scenario.description),
        [describeEnd(scenario), ...describeStacks(scenario)].join('; '),
      ]),
    ),
    'Times are the guest\'s: [Time in a boot test](../explanation/boot-time.md). "Online again within" counts from the end of the fault, or from its',
    'beginning if only the Pi can end it. `auth` needs an image with a user and password, `pin-needed` and',
    '`pin-wrong-once-left-two` one with a PIN. `--seed` and `--minutes` belong to `soak`. An image with NetworkManager sends no AT command:',
    'where `at-command` would be missed, `start-network` is. A scenario that says nothing about an image is refused, with the reason.',
    '',
    '## Milestones',
    '',
    'A boot reaches these in order. The first that is missed decides, and stands in the report.',
    '',
    `${MILESTONES.map(formatCode).join(' → ')}`,
    '',
    'The last four count only in a scenario that asks for them.',
  ].join('\n');
  return { path: 'reference/scenarios.md', from: ['src/boot/scenarios.ts'], text };
}

function describeEnd({ expected, timeoutMs }: Scenario): string {
  const limit = timeoutMs === undefined ? '' : `; may take ${seconds(timeoutMs)}`;
  return `${describeExpectation(expected)}${limit}`;
}

function describeExpectation(expected: Expectation): string {
  return expected.verdict === 'online' ? describeOnline(expected) : describeOffline(expected);
}

/** What is another on an image of one stack. */
function describeStacks(scenario: Scenario): string[] {
  if (findMisfit(scenario, 'ifupdown') !== undefined) return ['with NetworkManager only'];
  if (findMisfit(scenario, 'networkmanager') !== undefined) return ['with ifupdown only'];
  const difference = scenario.stacks?.networkmanager ?? {};
  if ('notFor' in difference) return [];
  const { description, expected } = difference;
  return [
    ...(description === undefined ? [] : [`with NetworkManager: ${formatText(description)}`]),
    ...(expected === undefined ? [] : [`with NetworkManager: ${describeExpectation(expected)}`]),
  ];
}

function describeOnline(expected: Extract<Expectation, { verdict: 'online' }>): string {
  const { defaultRoute, leases, recoversWithinMs, hangRecoversWithinMs, steadyForMs } = expected;
  const { resolvesWithinMs, firstBootWithinMs, greeting, journal } = expected;
  return [
    recoversWithinMs === undefined ? 'online' : `online again within ${seconds(recoversWithinMs)}`,
    ...(hangRecoversWithinMs === undefined ? [] : [`${seconds(hangRecoversWithinMs)} after a hang`]),
    ...(defaultRoute === 'wwan0' ? [] : [`the default route stays on ${defaultRoute}`]),
    ...(leases === 1 ? [] : [`${leases} leases`]),
    ...(steadyForMs === undefined ? [] : [`steady for ${seconds(steadyForMs)}`]),
    ...(resolvesWithinMs === undefined ? [] : [`a name resolves within ${seconds(resolvesWithinMs)}`]),
    ...(firstBootWithinMs === undefined
      ? []
      : [
          `packages and scripts are done within ${seconds(firstBootWithinMs)}, and the services of its tree run`,
        ]),
    ...(greeting === undefined
      ? []
      : [`what listens on an opened port says "${formatText(greeting)}" first`]),
    ...(journal === undefined ? [] : [`the journal has "${formatText(journal)}"`]),
  ].join(', ');
}

function describeOffline(expected: Extract<Expectation, { verdict: 'offline' }>): string {
  const { fails, qmiError, journal, pinTriesLeft } = expected;
  return [
    `offline: \`${fails}\` is missed`,
    ...(qmiError === undefined ? [] : [`QMI error ${qmiError}`]),
    ...(journal === undefined ? [] : [`the journal has "${formatText(journal)}"`]),
    ...(pinTriesLeft === undefined ? [] : [`${pinTriesLeft} tries of the PIN are left`]),
  ].join(', ');
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
