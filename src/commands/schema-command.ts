import type { CommandModule } from 'yargs';

/** `wwanpi schema`: for editors that check a fleet file while it is typed. */
export const schemaCommand: CommandModule = {
  command: 'schema',
  describe: 'Print the JSON Schema of fleet files, for editors that check them',
  builder: (yargs) =>
    yargs
      .example('$0 schema > fleet.schema.json', 'beside fleet.yaml')
      .epilogue(
        'Many editors then check and complete a fleet file whose first line is\n  # yaml-language-server: $schema=./fleet.schema.json',
      )
      .strict(),
  handler: async () => {
    const { formatFleetSchema } = await import('../fleet/fleet-schema.ts');
    process.stdout.write(formatFleetSchema());
  },
};
