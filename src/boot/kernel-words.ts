import type { Stack } from '../core/model.ts';
import { GUEST_CLOCK_WORDS } from '../tools/qemu.ts';
import type { Scenario } from './scenario.ts';

/**
 * The guest's kernel command line. It keeps the image's own words: an image that relies on one (net.ifnames=0) has to
 * set it. It drops the words about a Pi's consoles and disk, and Raspbian's first-boot init=, which would resize the
 * partition and reboot.
 */
export function formatCommandLine(
  commandLine: string,
  rootPartition: number,
  scenario: Scenario,
  stack: Stack,
): string {
  const { qmicli } = scenario.machine;
  return [
    ...listMachineWords(commandLine, rootPartition, stack),
    ...(qmicli === 'image' ? [] : [`wwanpi.qmicli=${qmicli}`]),
    ...listProbeWords(scenario),
  ].join(' ');
}

/** The command line of a guest for a snapshot: no scenario's. The probe gets `listProbeWords` of one when it goes on. */
export function formatSnapshotLine(commandLine: string, rootPartition: number, stack: Stack): string {
  return [...listMachineWords(commandLine, rootPartition, stack), 'wwanpi.snapshot'].join(' ');
}

function listMachineWords(commandLine: string, rootPartition: number, stack: Stack): string[] {
  const own = commandLine
    .split(/\s+/)
    .filter(
      (word) => word !== '' && !/^(console|root|rootfstype|rootdelay|init|quiet|splash|cma)(=|$)/.test(word),
    );
  return [
    ...own,
    ...GUEST_CLOCK_WORDS,
    ...[`root=/dev/vda${rootPartition}`, 'console=ttyAMA0', 'panic=-1'],
    ...(stack === 'ifupdown' ? [] : [`wwanpi.stack=${stack}`]),
  ];
}

/** What a scenario asks of the probe, and the settings of the supervisor that it replaces. */
export function listProbeWords({ machine, expected }: Scenario): string[] {
  const online = expected.verdict === 'online' ? expected : undefined;
  const words = [
    [online?.defaultRoute === 'eth0', 'wwanpi.via=gateway'],
    [online?.recoversWithinMs !== undefined, 'wwanpi.watch'],
    [machine.doctor === true, 'wwanpi.doctor'],
    [machine.holdPorts === true, 'wwanpi.hold'],
    [expected.shows !== undefined, 'wwanpi.shows'],
    [expected.led !== undefined, 'wwanpi.led'],
  ] as const;
  return [
    ...words.filter(([isWanted]) => isWanted).map(([, word]) => word),
    ...formatSettings(machine.supervisor ?? {}),
  ];
}

/** Needs no quoting: the scenario's schema allows only names and numbers. */
function formatSettings(settings: Readonly<Record<string, number>>): string[] {
  const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? [] : [`wwanpi.supervisor=${pairs.join(',')}`];
}
