import type { Command } from '../options/command.ts';

/** `wwanpi cache`: lists what lies in the cache, and removes what is old. */
export const cacheCommand: Command = {
  name: 'cache',
  describe: 'List what the cache holds, or remove what is no longer used',
  args: [{ name: 'action', help: 'What to do [list]', choices: ['list', 'prune'] }],
  examples: [
    { line: 'wwanpi cache', describe: 'what there is, its size and last use' },
    { line: 'wwanpi cache prune', describe: 'remove what was not used for 30 days' },
    { line: 'wwanpi cache prune --all --dry-run', describe: 'what would go; nothing does' },
  ],
  run: async (argv) => {
    const { parseCacheOptions, runCache } = await import('./cache.ts');
    await runCache(parseCacheOptions(argv));
  },
};
