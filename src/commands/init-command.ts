import type { Command } from '../options/command.ts';

/** `wwanpi init`: writes a project file or a fleet file to start from. */
export const initCommand: Command = {
  name: 'init',
  describe: 'Write a wwanpi.yaml, whose options wwanpi build then uses',
  args: [{ name: 'file', help: 'File to write [wwanpi.yaml; with --fleet fleet.yaml]' }],
  examples: [
    { line: 'wwanpi init', describe: 'then edit wwanpi.yaml, and run wwanpi build' },
    { line: 'wwanpi init --fleet', describe: 'then edit fleet.yaml, and run wwanpi fleet fleet.yaml' },
  ],
  epilogue: 'The usual options are in it as comments. It writes over no file.',
  run: async (argv) => {
    const { writeStart } = await import('./init.ts');
    const file = typeof argv.file === 'string' ? argv.file : undefined;
    process.stdout.write(await writeStart(argv.fleet === true ? 'fleet' : 'project', file));
  },
};
