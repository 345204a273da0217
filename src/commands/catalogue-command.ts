import type { Command } from '../options/command.ts';

/** `wwanpi catalogue DIR`: makes a web page for choosing and downloading images. */
export const catalogueCommand: Command = {
  name: 'catalogue',
  describe: 'Make a download page of finished images, by country and carrier',
  args: [{ name: 'folder', required: true, help: 'Output directory of wwanpi fleet or wwanpi build' }],
  examples: [
    { line: 'wwanpi catalogue out', describe: 'out/index.html, to be published with out' },
    {
      line: 'wwanpi catalogue out --url-base https://example.org/images/',
      describe: 'with links that work from anywhere',
    },
  ],
  run: async (argv) => {
    const { parseCatalogueOptions, runCatalogueCommand } = await import('./catalogue.ts');
    const { createReporter } = await import('../report/choose-reporter.ts');
    process.stdout.write(await runCatalogueCommand(parseCatalogueOptions(argv), createReporter(argv)));
  },
};
