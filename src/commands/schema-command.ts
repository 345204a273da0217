import type { CommandModule } from 'yargs';

/** `wwanpi schema`: for editors that check a fleet file while it is typed. */
export const schemaCommand: CommandModule = {
  command: 'schema',
  describe: 'Print the JSON Schema of fleet files',
  builder: (yargs) => yargs.example('$0 schema > fleet.schema.json', '').strict(),
  handler: async () => {
    const { formatFleetSchema } = await import('../fleet-schema.ts');
    process.stdout.write(formatFleetSchema());
  },
};
