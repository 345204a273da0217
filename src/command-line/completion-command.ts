import type { Command } from '../options/command.ts';

/** `wwanpi completion SHELL`: so that Tab knows commands, options, bases, scenarios and carriers. */
export const completionCommand: Command = {
  name: 'completion',
  describe: 'Print the script that lets Tab complete commands, options, bases, scenarios and carriers',
  args: [{ name: 'shell', required: true, choices: ['bash', 'zsh', 'fish'], help: 'The shell it is for' }],
  examples: [
    { line: 'source <(wwanpi completion bash)', describe: 'in ~/.bashrc; zsh in ~/.zshrc' },
    {
      line: 'wwanpi completion fish > ~/.config/fish/completions/wwanpi.fish',
      describe: 'for fish',
    },
  ],
  run: async (argv) => {
    const { COMPLETION_SCRIPTS } = await import('./completion-scripts.ts');
    process.stdout.write(COMPLETION_SCRIPTS[argv.shell as keyof typeof COMPLETION_SCRIPTS]);
  },
};
