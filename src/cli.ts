#!/usr/bin/env node
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { bootCommand } from './commands/boot-command.ts';
import { buildCommand } from './commands/build-command.ts';
import { carriersCommand } from './commands/carriers-command.ts';
import { catalogueCommand } from './commands/catalogue-command.ts';
import { doctorCommand } from './commands/doctor-command.ts';
import { fetchCommand } from './commands/fetch-command.ts';
import { fleetCommand } from './commands/fleet-command.ts';
import { inspectCommand } from './commands/inspect-command.ts';
import { schemaCommand } from './commands/schema-command.ts';
import { AppError, fromSystemError, InputError } from './errors.ts';
import { readVersion } from './paths.ts';

/**
 * Parses the command line, runs one command, prints its error if it has one, and sets the exit code.
 * Commands do not print errors and nothing else calls process.exit.
 */
async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  try {
    await yargs([...args])
      .scriptName('wwanpi')
      .usage(
        '$0 <command>\n\nTurns a stock Raspberry Pi OS image into one that is online over a USB LTE stick at first boot.',
      )
      .command(buildCommand)
      .command(fleetCommand)
      .command(carriersCommand)
      .command(schemaCommand)
      .command(bootCommand)
      .command(inspectCommand)
      .command(catalogueCommand)
      .command(fetchCommand)
      .command(doctorCommand)
      .demandCommand(1, 'name a command')
      .strictCommands()
      .version(readVersion())
      .alias('h', 'help')
      .wrap(Math.min(110, process.stdout.columns ?? 100))
      .exitProcess(false)
      .fail((message, error) => {
        throw error ?? new InputError(message, { hint: 'wwanpi --help lists the commands and options' });
      })
      .parseAsync();
  } catch (thrown) {
    const error = fromSystemError(thrown) ?? thrown;
    process.stderr.write(formatError(error));
    exitCode = error instanceof AppError ? error.exitCode : 70;
  }
  return exitCode;
}

function formatError(error: unknown): string {
  if (!(error instanceof AppError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `\nwwanpi: a bug in wwanpi: ${text}\n`;
  }
  const parts = [`\nwwanpi: ${error.message}`];
  if (error.detail !== undefined) parts.push(error.detail.trimEnd());
  if (error.hint !== undefined) parts.push(`→ ${error.hint}`);
  return `${parts.join('\n')}\n`;
}

process.exitCode = await main(hideBin(process.argv));
