import { basesCommand } from '../commands/bases-command.ts';
import { bootCommand } from '../commands/boot-command.ts';
import { buildCommand } from '../commands/build-command.ts';
import { cacheCommand } from '../commands/cache-command.ts';
import { carriersCommand } from '../commands/carriers-command.ts';
import { catalogueCommand } from '../commands/catalogue-command.ts';
import { diffCommand } from '../commands/diff-command.ts';
import { doctorCommand } from '../commands/doctor-command.ts';
import { fetchCommand } from '../commands/fetch-command.ts';
import { flashCommand } from '../commands/flash-command.ts';
import { fleetCommand } from '../commands/fleet-command.ts';
import { initCommand } from '../commands/init-command.ts';
import { inspectCommand } from '../commands/inspect-command.ts';
import { publishCommand } from '../commands/publish-command.ts';
import { schemaCommand } from '../commands/schema-command.ts';
import { setCommand } from '../commands/set-command.ts';
import type { Command, CommandGroup } from '../options/command.ts';
import { completionCommand } from './completion-command.ts';
import { createHelpCommand } from './help-command.ts';
import { createManCommand } from './man-command.ts';
import { versionCommand } from './version-command.ts';

/** Every command, in the groups of `wwanpi --help`. To add one, add a line here and its name in options/option.ts. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  {
    title: 'Build images',
    commands: [buildCommand, basesCommand, carriersCommand, initCommand, fleetCommand],
  },
  { title: 'Test and inspect images', commands: [bootCommand, inspectCommand, diffCommand] },
  { title: 'Distribute images', commands: [setCommand, flashCommand, catalogueCommand, publishCommand] },
  { title: 'Set up this machine', commands: [doctorCommand] },
  { title: 'Look after the cache', isRare: true, commands: [fetchCommand, cacheCommand] },
  {
    title: 'Help, shells and editors',
    isRare: true,
    commands: [
      createHelpCommand(() => COMMAND_GROUPS),
      versionCommand,
      createManCommand(listCommands),
      completionCommand,
      schemaCommand,
    ],
  },
];

/** Every command, in the order of `wwanpi --help`. */
export function listCommands(): Command[] {
  return COMMAND_GROUPS.flatMap(({ commands }) => commands);
}
