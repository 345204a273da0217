import type { CommandModule } from 'yargs';
import { CONTAINER_OPTIONS } from './container-options.ts';

/** `wwanpi fleet FILE`: many images in one run. */
export const fleetCommand: CommandModule = {
  command: 'fleet <file>',
  describe: 'Make all images of a fleet file: one per carrier, the shared work done once',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', describe: 'A YAML or JSON file (wwanpi schema)' })
      .options({
        output: { type: 'string', default: 'out', describe: 'Folder of the finished files' },
        base: { type: 'string', describe: 'Base of every image, whatever the file says' },
        compress: {
          type: 'string',
          describe: 'How every image is packed, whatever the file says: xz, zstd or none',
        },
        level: { type: 'string', describe: "The packer's level, whatever the file says [xz 6, zstd 3]" },
        'keep-image': {
          type: 'boolean',
          describe: 'Keep each .img beside its packed file; --no-keep-image drops it [kept]',
        },
        jobs: { type: 'string', describe: 'Images made side by side [2]' },
        only: { type: 'string', array: true, describe: 'Names of the images to make' },
        shard: { type: 'string', describe: 'Make one part of the fleet, such as 2/5' },
        'keep-going': { type: 'boolean', default: false, describe: 'Make the others when one failed' },
        'dry-run': { type: 'boolean', default: false, describe: 'Only tell what would be made' },
        json: { type: 'boolean', default: false, describe: 'Print the result as JSON, as in fleet.json' },
        matrix: { type: 'string', describe: "Print the fleet's shards for a CI matrix: github or gitlab" },
        shards: { type: 'string', describe: 'With --matrix: how many [one an image]' },
        collect: {
          type: 'string',
          array: true,
          describe: "Build nothing: put the folders that shards made together into --output's",
        },
        'url-base': {
          type: 'string',
          describe: "Address the folder will be published at, for Raspberry Pi Imager's list (os_list.json)",
        },
        sign: {
          type: 'string',
          describe:
            'Sign SHA256SUMS with a gpg key or a minisign secret key file; passphrase in $WWANPI_SIGN_PASSPHRASE',
        },
        ...CONTAINER_OPTIONS,
        'cache-dir': {
          type: 'string',
          describe: 'Where slow-made things are kept [$XDG_CACHE_HOME/wwanpi]',
        },
        quiet: { type: 'boolean', default: false, describe: 'Print only warnings, errors and the result' },
      })
      .example('$0 fleet fleet.yaml', 'what changed since the last run, into out')
      .example('$0 fleet fleet.yaml --shard 2/5 --keep-going', "a CI job's part")
      .example('$0 fleet fleet.yaml --matrix github --shards 5', 'the matrix of such jobs')
      .example('$0 fleet fleet.yaml --url-base https://example.org/images --sign KEY', 'a release to publish')
      .example('$0 fleet fleet.yaml --collect shard-*', 'their results in one folder')
      .conflicts('collect', ['only', 'shard', 'matrix', 'in'])
      .conflicts('matrix', 'in')
      .strict(),
  handler: async (argv) => {
    const { runFleetCommand } = await import('./fleet.ts');
    await runFleetCommand(argv);
  },
};
