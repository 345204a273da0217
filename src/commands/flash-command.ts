import type { Command } from '../options/command.ts';

/** `wwanpi flash [IMAGE] [DEVICE]`: writes an image to a card. */
export const flashCommand: Command = {
  name: 'flash',
  describe: 'Write an image to an SD card or USB drive, and read it back',
  args: [
    {
      name: 'image',
      help: 'A .img, .img.xz, .img.zst, .img.gz or .zip file [the one in out/, or asks]',
    },
    {
      name: 'device',
      help: 'Whole disk, such as /dev/sdb or /dev/mmcblk0 [lists removable drives and asks]',
    },
  ],
  examples: [
    { line: 'wwanpi flash out/internet.img.xz', describe: 'choose a card, then type its name' },
    { line: 'wwanpi flash x.img.xz /dev/sdb --yes', describe: 'in a script' },
  ],
  run: async (argv) => {
    const { parseFlashOptions, runFlash } = await import('./flash.ts');
    const { createReporter } = await import('../report/choose-reporter.ts');
    await runFlash(parseFlashOptions(argv), createReporter(argv));
  },
};
