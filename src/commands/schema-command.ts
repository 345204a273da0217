import type { Command } from '../options/command.ts';

/** `wwanpi schema`: prints the schema of fleet files, for editors that check them while typing. */
export const schemaCommand: Command = {
  name: 'schema',
  describe: 'Print the JSON Schema of fleet files, for editors',
  args: [],
  examples: [{ line: 'wwanpi schema > fleet.schema.json', describe: 'beside fleet.yaml' }],
  epilogue:
    'Many editors then check and complete a fleet file whose first line is\n  # yaml-language-server: $schema=./fleet.schema.json',
  run: async () => {
    const { formatFleetSchema } = await import('../fleet/fleet-schema.ts');
    process.stdout.write(formatFleetSchema());
  },
};
