import type { OptionEntry } from './option.ts';

const BUILD = ['build'] as const;

/** The options for the place where the Pi is used, in the order of --help. */
export const LOCALISATION_OPTIONS = [
  {
    name: 'timezone',
    commands: BUILD,
    group: 'Localisation',
    type: 'text',
    metavar: 'ZONE',
    help: 'Time zone of the Pi, such as Europe/Berlin',
    unset: "the base's",
    needs: 'a time zone',
    recipe: true,
    recorded: true,
    fleet: {},
    action: true,
  },
  {
    name: 'locale',
    commands: BUILD,
    group: 'Localisation',
    type: 'text',
    metavar: 'LOCALE',
    help: 'Language and formats of the Pi, such as de_DE.UTF-8',
    unset: "the base's",
    needs: 'a locale',
    recipe: true,
    recorded: true,
    fleet: {},
    action: true,
  },
  {
    name: 'keyboard',
    commands: BUILD,
    group: 'Localisation',
    type: 'text',
    metavar: 'LAYOUT',
    help: 'Keyboard layout of the Pi, such as gb or de',
    unset: "the base's",
    needs: 'a keyboard layout',
    recipe: true,
    recorded: true,
    fleet: {},
    action: true,
  },
] as const satisfies readonly OptionEntry[];
