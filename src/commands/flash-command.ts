import type { CommandModule } from 'yargs';

/** `wwanpi flash [IMAGE] [DEVICE]`: an image onto a card. */
export const flashCommand: CommandModule = {
  command: 'flash [image] [device]',
  describe: 'Write an image to an SD card or USB drive, read it back and compare',
  builder: (yargs) =>
    yargs
      .positional('image', {
        type: 'string',
        describe: 'A .img, .img.xz, .img.zst, .img.gz or .zip [the one in out/, or asks]',
      })
      .positional('device', {
        type: 'string',
        describe: 'The whole disk, such as /dev/sdb or /dev/mmcblk0 [lists removable drives and asks]',
      })
      .options({
        yes: { alias: 'y', type: 'boolean', default: false, describe: 'Do not ask: for scripts' },
        force: {
          type: 'boolean',
          default: false,
          describe: 'Also write to a disk that is not removable, or to a file. Never to one that is in use',
        },
        bmap: {
          type: 'string',
          describe:
            "Write only what this block map maps; --no-bmap: everything [the .bmap beside the image, if there's one]",
        },
        verify: {
          type: 'boolean',
          default: true,
          describe: 'Read everything back and compare; --no-verify: do not',
        },
      })
      .example('$0 flash out/internet.img.xz', 'choose a card, then type its name')
      .example('$0 flash x.img.xz /dev/sdb --yes', 'in a script')
      .strict(),
  handler: async (argv) => {
    const { parseFlashOptions, runFlash } = await import('./flash.ts');
    const { createReporter } = await import('../report/choose-reporter.ts');
    await runFlash(parseFlashOptions(argv), createReporter(argv));
  },
};
