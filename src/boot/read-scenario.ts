import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { explainFileError, InputError } from '../core/errors.ts';
import { CARD_KEYS } from '../formats/card-settings/keys.ts';
import { OptionsError } from '../formats/issues.ts';
import { suggestNearest } from '../formats/nearest.ts';
import { parseBehaviour } from '../modem/behaviour.ts';
import { DEVICE_NAMES } from '../modem/devices.ts';
import { getBehaviour, MILESTONES, type Scenario } from './scenario.ts';
import { findScenario, SCENARIOS } from './scenarios.ts';

const shown = {
  shows: z.string().min(1).optional(),
  led: z.enum(['searching', 'dialling', 'refused', 'former']).optional(),
  statusFile: z.array(z.string().min(1)).min(1).optional(),
};

const expected = z.discriminatedUnion('verdict', [
  z.strictObject({
    verdict: z.literal('online'),
    defaultRoute: z.enum(['wwan0', 'eth0']).default('wwan0'),
    leases: z.number().int().min(1).max(10).default(1),
    recoversWithinMs: z.number().int().min(1000).max(3_600_000).optional(),
    hangRecoversWithinMs: z.number().int().min(1000).max(3_600_000).optional(),
    steadyForMs: z.number().int().min(60_000).max(86_400_000).optional(),
    resolvesWithinMs: z.number().int().min(100).max(600_000).optional(),
    firstBootWithinMs: z.number().int().min(1000).max(3_600_000).optional(),
    greeting: z.string().max(100).optional(),
    journal: z.string().min(1).optional(),
    ...shown,
  }),
  z.strictObject({
    verdict: z.literal('offline'),
    fails: z.enum(MILESTONES),
    qmiError: z.number().int().min(1).max(0xffff).optional(),
    journal: z.string().min(1).optional(),
    pinTriesLeft: z.number().int().min(0).max(10).optional(),
    ...shown,
  }),
]);

const schema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9._-]+$/)
    .default('custom'),
  description: z.string().default(''),
  /** Checked by `getBehaviour`, whose schema lists the fields. */
  behaviour: z.record(z.string(), z.unknown()).default({}),
  network: z
    .strictObject({
      apn: z.enum(['expected', 'other']).default('expected'),
      credentials: z.boolean().default(false),
      pin: z.enum(['expected', 'other']).optional(),
    })
    .prefault({}),
  machine: z
    .strictObject({
      device: z.enum(DEVICE_NAMES).optional(),
      kernel: z.literal('image').optional(),
      ethernet: z.union([z.boolean(), z.literal('offline')]).default(false),
      qmicli: z.enum(['image', 'sends-ip-family-0']).default('image'),
      plugInAfterBootMs: z.number().int().min(0).max(3_600_000).optional(),
      secondStick: z.record(z.string(), z.unknown()).optional(),
      doctor: z.boolean().optional(),
      holdPorts: z.boolean().optional(),
      powerCutsMs: z.array(z.number().int().min(1000).max(600_000)).max(20).optional(),
      set: z
        .partialRecord(z.enum(CARD_KEYS.map(({ key }) => key)), z.string().regex(/^\P{Cc}*$/u))
        .optional(),
      powerCutsInSettingsMs: z.array(z.number().int().min(0).max(600_000)).max(20).optional(),
      powerCutsInFirstBootMs: z.array(z.number().int().min(0).max(600_000)).max(20).optional(),
      supervisor: z
        .partialRecord(z.enum(['INTERVAL', 'DEAD_AFTER', 'REBOOT_AFTER']), z.number().int().min(0))
        .optional(),
    })
    .prefault({}),
  expected: expected.prefault({ verdict: 'online' }),
  timeoutMs: z.number().int().min(1000).max(86_400_000).optional(),
});

/**
 * The scenario of that name, or of that JSON file: the fields of `Scenario`, all optional; `{}` is "online" without its
 * port scan and its look at console and LED.
 * @throws OptionsError when there is neither, InputError when the file is not a scenario
 */
export async function readScenario(nameOrFile: string): Promise<Scenario> {
  const shipped = findScenario(nameOrFile);
  if (shipped !== undefined) return shipped;
  const text = await readFile(nameOrFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const names = SCENARIOS.map(({ name }) => name);
    const message = `is neither a scenario nor a file that can be read: ${explainFileError(error)}`;
    const hint = suggestNearest(nameOrFile, names);
    throw new OptionsError([{ option: 'scenario', value: nameOrFile, message, hint }], {
      hint: 'wwanpi boot --help-all lists the scenarios',
    });
  });
  return parseScenario(text, nameOrFile);
}

/** @throws InputError naming each field that is wrong */
export function parseScenario(text: string, source: string): Scenario {
  const result = schema.safeParse(parseJson(text, source));
  if (!result.success) {
    throw new InputError(`${source} is not a scenario`, { detail: z.prettifyError(result.error) });
  }
  if ('apns' in result.data.behaviour) {
    throw new InputError(`${source}: a scenario's behaviour has no "apns": they come from the image`);
  }
  const scenario = result.data as Scenario;
  getBehaviour(scenario, { apn: 'internet' });
  if (scenario.machine.secondStick !== undefined)
    parseBehaviour(scenario.machine.secondStick, `${source}: secondStick`);
  return scenario;
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${source} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
