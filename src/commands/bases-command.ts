import type { Command } from '../options/command.ts';

/** `wwanpi bases`: lists the stock systems that images can be made from. */
export const basesCommand: Command = {
  name: 'bases',
  describe: 'List the stock systems that images can be made from',
  args: [],
  examples: [
    { line: 'wwanpi bases', describe: 'each with its Pis, and until when it gets updates' },
    { line: 'wwanpi bases --json', describe: 'the same for programs, with hashes' },
  ],
  run: async (argv) => {
    const { runBases } = await import('./bases.ts');
    const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
    process.stdout.write(await runBases({ json: argv.json === true, cacheDir, now: new Date() }));
  },
};
