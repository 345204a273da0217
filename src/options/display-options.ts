import type { OptionEntry } from './option.ts';

/** The options for what a person sees on the Pi, in the order of --help. */
export const DISPLAY_OPTIONS = [
  {
    name: 'led',
    commands: ['build'],
    group: 'Supervisor',
    type: 'text',
    metavar: 'STATE',
    help: "Blink the Pi's ACT LED while it is offline",
    unset: 'on',
    choices: ['on', 'off'],
    recipe: true,
    recorded: true,
    fleet: {},
    action: true,
  },
  {
    name: 'status-file',
    commands: ['build'],
    group: 'Supervisor',
    type: 'text',
    metavar: 'STATE',
    help: 'Write whether it is online, and why not, into wwanpi-status.txt on the card',
    unset: 'on',
    choices: ['on', 'off'],
    recipe: true,
    recorded: true,
    fleet: {},
    action: true,
  },
] as const satisfies readonly OptionEntry[];
