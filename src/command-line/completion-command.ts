import type { CommandModule } from 'yargs';

/** `wwanpi completion SHELL`: so that Tab knows commands, options, bases, scenarios and carriers. */
export const completionCommand: CommandModule = {
  command: 'completion <shell>',
  describe: 'Print what makes Tab complete commands, options, bases, scenarios and carriers',
  builder: (yargs) =>
    yargs
      .positional('shell', {
        type: 'string',
        choices: ['bash', 'zsh', 'fish'],
        describe: 'The shell it is for',
      })
      .example('source <($0 completion bash)', 'in ~/.bashrc; zsh in ~/.zshrc')
      .example('$0 completion fish > ~/.config/fish/completions/wwanpi.fish', 'for fish')
      .strict(),
  handler: async (argv) => {
    const { COMPLETION_SCRIPTS } = await import('./completion-scripts.ts');
    process.stdout.write(COMPLETION_SCRIPTS[argv.shell as keyof typeof COMPLETION_SCRIPTS]);
  },
};
