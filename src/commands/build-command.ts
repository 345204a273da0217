import type { Argv, CommandModule } from 'yargs';
import { DEFAULT_BASE } from '../base/bases.ts';
import type { CarrierData } from '../carriers/carriers.ts';
import type { CommandPaths } from '../container/plan-container.ts';
import { InterruptedError } from '../core/errors.ts';
import type { Reporter } from '../core/reporter.ts';
import { withRun } from '../host/with-run.ts';
import { createReporter } from '../report/choose-reporter.ts';
import { CONTAINER_OPTIONS, readEngine, withoutCarrier } from './container-options.ts';

/** `wwanpi build`: flags in, one call, the result printed. */
export const buildCommand: CommandModule = {
  command: 'build',
  describe: 'Make an image that comes online over the USB LTE stick at first boot',
  builder: (yargs) => addBuildOptions(yargs),
  handler: async (argv) => {
    const { parseBuildOptions, SECRET_VARIABLES } = await import('../recipe/build-options.ts');
    const { runBuild } = await import('./build.ts');
    const report = createReporter(argv);
    const engine = readEngine(argv);
    if (engine !== undefined) {
      const { cacheDir } = await parseBuildOptions(withoutCarrier(argv));
      const { runInContainer } = await import('../container/run-in-container.ts');
      const secrets = {
        variables: Object.values(SECRET_VARIABLES),
        secretVariables: SECRET_VARIABLES,
      };
      await runInContainer(argv, { engine, paths: BUILD_PATHS, report, cacheDir, ...secrets });
      return;
    }
    const carriers = argv.carrier === undefined ? undefined : await readCarriers(argv, report);
    const { request, warnings, cacheDir, dryRun, sign } = await parseBuildOptions(
      argv,
      process.env,
      carriers,
    );
    warnings.forEach(report.warn);
    await withRun({ report, cacheDir }, async (run) => {
      try {
        process.stdout.write(
          await runBuild(run.context, request, { dryRun, sign, json: argv.json === true }),
        );
      } catch (error) {
        if (run.context.signal.aborted)
          throw new InterruptedError('interrupted; nothing half-written was left');
        report.warn(`log: ${run.logPath}`);
        throw error;
      }
    });
  },
};

/** Which of its options a container must be given access to. */
export const BUILD_PATHS: CommandPaths = {
  command: 'build',
  options: {
    base: 'base',
    libqmiSource: 'read',
    sshKey: 'read',
    output: 'write-folder',
    cacheDir: 'write-folder',
  },
};

/** The carriers' data; it is small, and only where it is not installed a run is begun to fetch it. */
async function readCarriers(argv: Readonly<Record<string, unknown>>, report: Reporter): Promise<CarrierData> {
  const { loadCarriers } = await import('../carriers/load-carriers.ts');
  const cacheDir = typeof argv.cacheDir === 'string' ? argv.cacheDir : undefined;
  return loadCarriers((fn) => withRun({ report, cacheDir }, ({ context }) => fn(context)));
}

/** The options of `build`, in the order `--help` shows them. Values are checked by `parseBuildOptions`. */
function addBuildOptions(yargs: Argv): Argv {
  return yargs
    .options({
      apn: { type: 'string', describe: "The carrier's access point name", group: 'Carrier:' },
      carrier: {
        type: 'string',
        describe: 'Or a carrier, such as us/metropcs: gives APN, user and password (wwanpi carriers)',
        group: 'Carrier:',
      },
      'apn-user': { type: 'string', describe: 'User name, where the APN needs one', group: 'Carrier:' },
      'apn-password': {
        type: 'string',
        describe: 'Its password; better in $WWANPI_APN_PASSWORD',
        group: 'Carrier:',
      },
      'apn-auth': {
        type: 'string',
        describe: 'none, pap, chap or mschapv2 [chap with a user]',
        group: 'Carrier:',
      },
      ndisdup: {
        type: 'string',
        describe: 'When to send AT^NDISDUP: first-boot, every-boot or off [first-boot]',
        group: 'Carrier:',
      },
      pin: { type: 'string', describe: "The SIM's PIN; better in $WWANPI_PIN", group: 'Carrier:' },
      supervisor: {
        type: 'string',
        describe: 'Keep the connection alive on the Pi: on or off [on]',
        group: 'Supervisor:',
      },
      'supervisor-interval': {
        type: 'string',
        describe: 'Seconds between two looks [15]',
        group: 'Supervisor:',
      },
      'supervisor-dead-after': {
        type: 'string',
        describe: 'Seconds without an answer until it acts [60]',
        group: 'Supervisor:',
      },
      'supervisor-reboot': {
        type: 'string',
        describe: 'Minutes offline until it reboots the Pi, or off [off]',
        group: 'Supervisor:',
      },
      probe: {
        type: 'string',
        array: true,
        describe: 'IPv4 addresses it pings when the link is quiet [1.1.1.1 8.8.8.8]',
        group: 'Supervisor:',
      },
      base: {
        type: 'string',
        default: DEFAULT_BASE,
        describe: 'A named base, or a .img, .zip, .img.xz or .img.gz file',
        group: 'Image:',
      },
      'libqmi-source': {
        type: 'string',
        describe: 'A libqmi tarball or source folder to use instead of the pinned download',
        group: 'Image:',
      },
      builder: {
        type: 'string',
        describe:
          "Who compiles libqmi: clang, or qemu for the base's own gcc under emulation, slowly [clang]",
        group: 'Image:',
      },
      output: { type: 'string', default: 'out', describe: 'Folder of the finished files', group: 'Image:' },
      name: { type: 'string', describe: 'Name of the finished files [wwanpi-BASE-APN]', group: 'Image:' },
      compress: {
        type: 'string',
        describe: 'Pack the image as well: xz, zstd or none [none]',
        group: 'Image:',
      },
      level: { type: 'string', describe: "The packer's level [xz 6, zstd 3]", group: 'Image:' },
      'keep-image': {
        type: 'boolean',
        describe: 'Keep the .img beside the packed file; --no-keep-image drops it [kept]',
        group: 'Image:',
      },
      sign: {
        type: 'string',
        describe:
          'Sign SHA256SUMS with a gpg key or a minisign secret key file; passphrase in $WWANPI_SIGN_PASSPHRASE',
        group: 'Image:',
      },
      'dry-run': {
        type: 'boolean',
        default: false,
        describe: 'Print every change as a tree diff; write nothing but the cache',
        group: 'Image:',
      },
      json: { type: 'boolean', default: false, describe: 'Print the result as JSON', group: 'Image:' },
      dns: {
        type: 'string',
        array: true,
        describe: 'Name servers put first in resolv.conf, or none [1.1.1.1 1.0.0.1]',
        group: 'Network:',
      },
      metric: {
        type: 'string',
        describe: "Metric of wwan0's default route; lower wins [6000: Ethernet and Wi-Fi win]",
        group: 'Network:',
      },
      'wifi-ssid': { type: 'string', describe: 'Wi-Fi network to join', group: 'Network:' },
      'wifi-psk': {
        type: 'string',
        describe: 'Its passphrase; better in $WWANPI_WIFI_PSK',
        group: 'Network:',
      },
      'wifi-country': { type: 'string', describe: 'Two-letter country code of the radio', group: 'Network:' },
      hostname: { type: 'string', describe: "The Pi's name", group: 'Access:' },
      ssh: { type: 'boolean', describe: 'Turn the SSH server on [on with --ssh-key]', group: 'Access:' },
      'ssh-key': {
        type: 'string',
        array: true,
        describe: 'Public key file to log in as pi with; may be repeated',
        group: 'Access:',
      },
      password: {
        type: 'string',
        describe: "User pi's password; better in $WWANPI_PASSWORD",
        group: 'Access:',
      },
      'password-hash': { type: 'string', describe: 'The same as a crypt(3) hash', group: 'Access:' },
      ...CONTAINER_OPTIONS,
      'cache-dir': { type: 'string', describe: 'Where slow-made things are kept [$XDG_CACHE_HOME/wwanpi]' },
      quiet: { type: 'boolean', default: false, describe: 'Print only warnings, errors and the result' },
    })
    .example('$0 build --apn fast.metropcs.com', 'Raspbian Stretch Lite for MetroPCS')
    .example('$0 build --carrier us/google-fi', "a carrier's APN by its name")
    .example('$0 build --apn internet --base debian-bookworm', "Debian 12, from Debian's packages alone")
    .example('$0 build --apn h2g2 --ssh-key ~/.ssh/id_ed25519.pub', 'with SSH and your key')
    .example('$0 build --apn internet --in docker', 'with the tools of a container')
    .example('$0 build --apn internet --dry-run', 'what would change, as a diff');
}
