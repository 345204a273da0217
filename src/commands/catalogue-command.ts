import type { CommandModule } from 'yargs';

/** `wwanpi catalogue DIR`: a page for people to choose and download images from. */
export const catalogueCommand: CommandModule = {
  command: 'catalogue <folder>',
  describe: 'Make a web page of finished images: by country and carrier, with search and how to flash',
  builder: (yargs) =>
    yargs
      .positional('folder', { type: 'string', describe: 'Output folder of wwanpi fleet or wwanpi build' })
      .options({
        output: { type: 'string', describe: 'The page [FOLDER/index.html]' },
        title: {
          type: 'string',
          default: 'Raspberry Pi images with LTE',
          describe: 'Its heading, and its name in the browser',
        },
        'url-base': {
          type: 'string',
          describe: 'Address the files will have, such as https://example.org/images/ [beside the page]',
        },
      })
      .example('$0 catalogue out', 'out/index.html, to be published with out')
      .example(
        '$0 catalogue out --url-base https://example.org/images/',
        'with links that work from anywhere',
      )
      .strict(),
  handler: async (argv) => {
    const { parseCatalogueOptions, runCatalogueCommand } = await import('./catalogue.ts');
    const { createReporter } = await import('../report/choose-reporter.ts');
    process.stdout.write(await runCatalogueCommand(parseCatalogueOptions(argv), createReporter(argv)));
  },
};
