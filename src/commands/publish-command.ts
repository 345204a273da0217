import type { CommandModule } from 'yargs';

/** `wwanpi publish DIR URL`: an output folder onto a server. */
export const publishCommand: CommandModule = {
  command: 'publish <dir> <url>',
  describe: 'Put the output folder of a build or a fleet onto a server over SFTP, whole or not at all',
  builder: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'The folder with SHA256SUMS' })
      .positional('url', {
        type: 'string',
        describe: 'Where to: sftp://user@host[:port]/path, or /~/path in the home',
      })
      .options({
        identity: { type: 'string', describe: 'Private key; its passphrase in WWANPI_SSH_PASSPHRASE' },
        'host-key': {
          type: 'string',
          describe: "The server's key, as SHA256:…, instead of known_hosts",
        },
        'known-hosts': {
          type: 'string',
          array: true,
          nargs: 1,
          describe: 'Files of known hosts [~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts]',
        },
        prune: {
          type: 'string',
          describe: 'Keep this many releases; files that only older ones had are removed there',
        },
        retries: {
          type: 'string',
          default: '5',
          describe: 'How often to try again when the connection breaks',
        },
        'dry-run': { type: 'boolean', default: false, describe: 'Look there and tell; change nothing' },
        json: { type: 'boolean', default: false, describe: 'Print the result as JSON' },
        quiet: { type: 'boolean', default: false, describe: 'Print only warnings, errors and the result' },
        'cache-dir': { type: 'string', describe: 'Where the log goes [$XDG_CACHE_HOME/wwanpi]' },
      })
      .epilogue(
        'Logs in with --identity, then the keys of the agent (SSH_AUTH_SOCK), then the password in WWANPI_SSH_PASSWORD.',
      )
      .conflicts('host-key', 'known-hosts')
      .example('$0 publish out sftp://web@example.org/srv/www/images', 'what is not there yet')
      .example('$0 publish out sftp://ci@example.org/~/images --identity key --prune 3', 'in a CI job')
      .strict(),
  handler: async (argv) => {
    const { runPublishCommand } = await import('./publish.ts');
    await runPublishCommand(argv);
  },
};
