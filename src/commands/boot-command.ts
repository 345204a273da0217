import type { CommandModule } from 'yargs';
import { SCENARIOS } from '../boot/scenarios.ts';
import type { CommandPaths } from '../container/plan-container.ts';
import { createReporter } from '../report/choose-reporter.ts';
import { CONTAINER_OPTIONS, readEngine } from './container-options.ts';

/** `wwanpi boot IMAGE`: does the Pi inside come online? */
export const bootCommand: CommandModule = {
  command: 'boot <image>',
  describe: 'Boot an image in QEMU with an emulated LTE stick, and see whether it comes online',
  builder: (yargs) =>
    yargs
      .positional('image', { type: 'string', describe: 'A raw .img file, which is only read' })
      .options({
        scenario: {
          type: 'string',
          default: 'online',
          describe: 'What the stick and its network do: one of the names below, or a JSON file',
        },
        apn: { type: 'string', describe: 'The APN it must come online with [the one in the image]' },
        timeout: {
          type: 'number',
          describe: "Seconds of the guest's time to give up after [360, or the scenario's own]",
        },
        'wall-timeout': {
          type: 'number',
          describe: 'Seconds of real time after which this machine counts as too busy [30 times --timeout]',
        },
        seed: { type: 'number', describe: 'Which drops "soak" makes: the same for the same number [1]' },
        minutes: { type: 'number', describe: 'How long "soak" goes on dropping [60]' },
        report: { type: 'string', describe: 'Write a JUnit report to this file, the logs beside it' },
        json: { type: 'string', describe: 'Write the result as JSON to this file' },
        console: {
          type: 'boolean',
          default: false,
          describe: "Show the machine's serial console as it runs",
        },
        keep: { type: 'string', describe: 'Keep the console, probe and event logs in this folder' },
        ...CONTAINER_OPTIONS,
        'cache-dir': {
          type: 'string',
          describe: 'Where slow-made things are kept [$XDG_CACHE_HOME/wwanpi]',
        },
      })
      .epilogue(
        `Scenarios:\n${SCENARIOS.map(({ name, description }) => `  ${name}\t ${description}`).join('\n')}`,
      )
      .example('$0 boot out/gb-ee.img', 'exit code 0: online; 7: not, and why; 9: no verdict')
      .example(
        '$0 boot out/gb-ee.img --scenario replug --report boot.xml',
        'pull the stick, plug it in again',
      )
      .strict(),
  handler: async (argv) => {
    const { parseBootOptions, runBootCommand } = await import('./boot.ts');
    const options = await parseBootOptions(argv);
    const report = createReporter(argv);
    const engine = readEngine(argv);
    if (engine === undefined) {
      await runBootCommand(options, report);
      return;
    }
    const { runInContainer } = await import('../container/run-in-container.ts');
    await runInContainer(argv, { engine, paths: BOOT_PATHS, report, cacheDir: options.cacheDir });
  },
};

/** Which of its options a container must be given access to. */
export const BOOT_PATHS: CommandPaths = {
  command: 'boot',
  positional: 'image',
  options: {
    scenario: 'scenario',
    report: 'write-file',
    json: 'write-file',
    keep: 'write-folder',
    cacheDir: 'write-folder',
  },
};
