import { readVersion } from '../core/package.ts';
import type { Command } from '../options/command.ts';

/** `wwanpi version`: the same as `wwanpi --version`. */
export const versionCommand: Command = {
  name: 'version',
  describe: 'Print the version of wwanpi',
  args: [],
  examples: [{ line: 'wwanpi version', describe: 'for a report of a problem' }],
  run: async () => {
    process.stdout.write(`${readVersion()}\n`);
  },
};
