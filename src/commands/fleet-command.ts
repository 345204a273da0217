import { type Command, listPaths } from '../options/command.ts';

/** `wwanpi fleet FILE`: builds many images in one run. */
export const fleetCommand: Command = {
  name: 'fleet',
  describe: 'Build all images of a fleet file, such as one per carrier',
  basics: ['output', 'only', 'jobs', 'keep-going', 'dry-run', 'url-base', 'sign'],
  args: [{ name: 'file', required: true, path: 'read', help: 'YAML or JSON file (see wwanpi schema)' }],
  examples: [
    { line: 'wwanpi fleet fleet.yaml', describe: 'what changed since the last run, into out' },
    { line: 'wwanpi fleet fleet.yaml --shard 2/5 --keep-going', describe: 'the part of one CI job' },
    { line: 'wwanpi fleet fleet.yaml --matrix github --shards 5', describe: 'the matrix of such jobs' },
    {
      line: 'wwanpi fleet fleet.yaml --url-base https://example.org/images --sign KEY',
      describe: 'a release to publish',
    },
    { line: 'wwanpi fleet fleet.yaml --collect shard-*', describe: 'the results of all jobs in one folder' },
  ],
  run: async (argv) => {
    const { runFleetCommand } = await import('./fleet.ts');
    await runFleetCommand(argv, listPaths(fleetCommand));
  },
};
