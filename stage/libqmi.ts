import { getDpkgFiles, registerPackages } from '../src/formats/debian/dpkg-database.ts';
import type { Stage } from './stage.ts';

/** Under the names of Debian's packages, so that ours take their place. */
const PACKAGES = ['libqmi-glib5', 'libqmi-proxy', 'libqmi-utils'];

/** Where 1.16.0's files lie; read so that a dry run can tell new from replaced. */
const FILES = [
  '/usr/bin/qmi-network',
  '/usr/bin/qmicli',
  '/usr/lib/arm-linux-gnueabihf/libqmi-glib.so.5',
  '/usr/lib/arm-linux-gnueabihf/libqmi-glib.so.5.1.0',
  '/usr/libexec/qmi-proxy',
  '/usr/share/bash-completion/completions/qmicli',
  '/usr/share/man/man1/qmi-network.1.gz',
  '/usr/share/man/man1/qmicli.1.gz',
  ...PACKAGES.flatMap((name) =>
    ['changelog.Debian.gz', 'copyright'].map((file) => `/usr/share/doc/${name}/${file}`),
  ),
];

/**
 * Installs the compiled libqmi as packages that dpkg knows and holds: a later apt upgrade or `apt install
 * modemmanager` would otherwise bring Debian's 1.16.2 back, which the stick does not get on with.
 */
export const libqmi: Stage = {
  name: 'libqmi',
  reads: () => [...getDpkgFiles(PACKAGES), ...FILES],
  plan: ({ files, packages }) => registerPackages(files, packages, 'libqmi'),
};
