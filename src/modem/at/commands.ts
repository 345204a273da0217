import type { AtAnswer, AtContext, AtTable } from './context.ts';
import { dialCommands } from './dial-commands.ts';
import type { AtCommand } from './parse.ts';
import { portCommands } from './port-commands.ts';
import { radioCommands } from './radio-commands.ts';
import { smsCommands } from './sms-commands.ts';

/** Runs one command. An unknown command is a plain error, as on the real modem. */
export function runAtCommand(command: AtCommand, context: AtContext): AtAnswer {
  const handler = Object.hasOwn(HANDLERS, command.name) ? HANDLERS[command.name] : undefined;
  return handler?.(command, context) ?? { error: 'plain' };
}

const HANDLERS: AtTable = { ...portCommands, ...radioCommands, ...dialCommands, ...smsCommands };
