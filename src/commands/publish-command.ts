import type { Command } from '../options/command.ts';

/** `wwanpi publish DIR URL`: uploads an output folder to a server. */
export const publishCommand: Command = {
  name: 'publish',
  describe: 'Upload an output directory to a server over SFTP, all or nothing',
  basics: ['identity', 'host-key', 'prune', 'dry-run'],
  args: [
    { name: 'dir', required: true, help: 'Directory with SHA256SUMS' },
    {
      name: 'url',
      required: true,
      help: 'Destination: sftp://user@host[:port]/path, or user@host:path as for scp',
    },
  ],
  examples: [
    {
      line: 'wwanpi publish out sftp://web@example.org/srv/www/images',
      describe: 'send the files that the server lacks',
    },
    {
      line: 'wwanpi publish out sftp://ci@example.org/~/images --identity key --prune 3',
      describe: 'in a CI job',
    },
  ],
  epilogue:
    'It logs in as ssh does: with --identity, the agent, ~/.ssh/config and the keys in ~/.ssh, or else the password in WWANPI_SSH_PASSWORD.',
  run: async (argv) => {
    const { runPublishCommand } = await import('./publish.ts');
    await runPublishCommand(argv);
  },
};
