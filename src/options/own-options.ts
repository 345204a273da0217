import type { OptionEntry } from './option.ts';

const BUILD = ['build'] as const;

/** The options for what a Pi is for: the user's own files, packages and scripts, in the order of --help. */
export const OWN_OPTIONS = [
  {
    name: 'extra-tree',
    commands: BUILD,
    group: 'Your own files',
    type: 'list',
    metavar: 'DIR',
    help: 'Folder whose files go into the image, at the same paths',
    needs: 'folders',
    path: 'read',
    fleet: {},
    action: true,
  },
  {
    name: 'package',
    commands: BUILD,
    group: 'Your own files',
    type: 'list',
    metavar: 'PACKAGE',
    help: 'Packages to install at the first start, without a network: a FILE.deb, or a name that the base has sources for',
    needs: 'files that end in .deb, or names of packages',
    path: 'package',
    fleet: {},
    action: true,
  },
  {
    name: 'first-boot',
    commands: BUILD,
    group: 'Your own files',
    type: 'list',
    metavar: 'SCRIPT',
    help: 'Scripts to run at the first start, once, after the packages',
    needs: 'scripts',
    path: 'read',
    fleet: {},
    action: true,
  },
] as const satisfies readonly OptionEntry[];
