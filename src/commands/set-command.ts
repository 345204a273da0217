import type { Command } from '../options/command.ts';

/** `wwanpi set TARGET`: changes the settings of a finished image or card. */
export const setCommand: Command = {
  name: 'set',
  describe: 'Change the APN or other settings of an image or card in place',
  args: [
    {
      name: 'target',
      help: 'A .img, .img.xz or .img.zst file, a card (/dev/sdb), or its mounted boot folder',
      required: true,
    },
  ],
  usage: '[--apn APN | --carrier CARRIER]',
  basics: ['apn', 'carrier', 'apn-user', 'apn-password', 'wifi-ssid', 'output', 'dry-run'],
  examples: [
    {
      line: 'wwanpi set out/internet.img.xz --apn web.vodafone.de',
      describe: 'in place, with the sums and lists beside it',
    },
    {
      line: 'wwanpi set out/internet.img.xz --carrier us/google-fi --output fi.img.xz',
      describe: 'a copy for another carrier',
    },
    { line: 'wwanpi set /media/me/bootfs --apn internet', describe: 'on a card that is mounted' },
    {
      line: "wwanpi set /dev/sdb --apn internet --apn-user ''",
      describe: 'on a card; the APN needs no user',
    },
  ],
  epilogue: "What is not given stays as it is; '' takes a setting away.",
  run: async (argv) => {
    const { parseSetOptions, runSet } = await import('./set.ts');
    const { createReporter } = await import('../report/choose-reporter.ts');
    await runSet(parseSetOptions(argv), createReporter(argv));
  },
};
