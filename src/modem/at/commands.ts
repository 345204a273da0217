import type { AtAnswer, AtContext, AtDialect, AtTable } from './context.ts';
import { dialCommands } from './dial-commands.ts';
import type { AtCommand } from './parse.ts';
import { portCommands } from './port-commands.ts';
import { quectelCommands } from './quectel-commands.ts';
import { csq, hcsq, radioCommands } from './radio-commands.ts';
import { smsCommands } from './sms-commands.ts';

/** Runs one command. An unknown command is a plain error, as on the real modems. */
export function runAtCommand({ commands }: AtDialect, command: AtCommand, context: AtContext): AtAnswer {
  const handler = Object.hasOwn(commands, command.name) ? commands[command.name] : undefined;
  return handler?.(command, context) ?? { error: 'plain' };
}

const EVERY: AtTable = { ...portCommands, ...radioCommands, ...dialCommands, ...smsCommands };

/** Huawei's: its own commands begin with a circumflex. */
export const HUAWEI_DIALECT: AtDialect = {
  commands: EVERY,
  unasked: (radio, { knowsHcsq }) => [`^RSSI:${csq(radio)}`, ...(knowsHcsq ? [hcsq(radio)] : [])],
};

/** No maker's own commands. */
export const PLAIN_DIALECT: AtDialect = {
  commands: Object.fromEntries(Object.entries(EVERY).filter(([name]) => !name.startsWith('^'))),
  unasked: () => [],
};

/** Quectel's: its own commands begin with +Q. It says nothing unasked that it was not told to. */
export const QUECTEL_DIALECT: AtDialect = {
  ...PLAIN_DIALECT,
  commands: { ...PLAIN_DIALECT.commands, ...quectelCommands },
};
