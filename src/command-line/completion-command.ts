import type { Command } from '../options/command.ts';

/** `wwanpi completion SHELL`: prints a completion script for a shell. */
export const completionCommand: Command = {
  name: 'completion',
  describe: 'Print a script with which a shell completes commands and values',
  args: [{ name: 'shell', required: true, choices: ['bash', 'zsh', 'fish'], help: 'Shell to complete in' }],
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
