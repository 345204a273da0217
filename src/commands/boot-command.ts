import { SCENARIOS } from '../boot/scenarios.ts';
import { type Command, listPaths } from '../options/command.ts';
import { createReporter, isOnOneTerminal } from '../report/choose-reporter.ts';
import { readEngine } from './container-options.ts';

/** `wwanpi boot IMAGE`: tests whether an image comes online. */
export const bootCommand: Command = {
  name: 'boot',
  describe: 'Test whether an image comes online, in QEMU with an emulated modem',
  basics: ['scenario', 'apn', 'timeout', 'report', 'console'],
  args: [
    {
      name: 'image',
      path: 'read',
      help: 'Image (.img, .xz, .zst, .gz or .zip), not changed [the one in out/]',
    },
  ],
  examples: [
    { line: 'wwanpi boot out/gb-ee.img', describe: 'an ordinary first boot' },
    {
      line: 'wwanpi boot out/gb-ee.img --scenario replug --report boot.xml',
      describe: 'unplug the modem and plug it in again',
    },
  ],
  epilogue: 'Exit code 0: online; 7: not, and why; 9: no verdict, this machine was too busy.',
  details: `Scenarios:\n${SCENARIOS.map(({ name, description }) => `  ${name}\t ${description}`).join('\n')}`,
  run: async (given) => {
    const { parseBootOptions } = await import('./boot-options.ts');
    const { runBootCommand } = await import('./boot.ts');
    const { chooseImage } = await import('./choose-image.ts');
    const report = createReporter(given);
    const { signal } = new AbortController();
    const image = given.image ?? (await chooseImage('wwanpi boot IMAGE', { report, signal }));
    const argv = { ...given, image };
    const options = await parseBootOptions(argv);
    const engine = readEngine(argv);
    if (engine === undefined) return runBootCommand(options, report, isOnOneTerminal(argv));
    const { runInContainer } = await import('../container/run-in-container.ts');
    const paths = listPaths(bootCommand);
    await runInContainer(argv, { engine, paths, report, cacheDir: options.cacheDir });
  },
};
