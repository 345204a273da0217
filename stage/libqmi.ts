import { basePackages } from '../src/formats/config/base-text.ts';
import { compareVersions } from '../src/formats/debian/debian-version.ts';
import { getDpkgFiles, registerPackages } from '../src/formats/debian/dpkg-database.ts';
import type { Stage, StageInput } from './stage.ts';

/** Under the names of Debian's packages, so that ours take their place. */
const PACKAGES = ['libqmi-glib5', 'libqmi-proxy', 'libqmi-utils'];

/** Debian's own, where ours link their libraries as Debian's libqmi does. */
const COMPANIONS = ['libmbim-glib4', 'libmbim-proxy', 'libqrtr-glib0'];

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
 * modemmanager` would otherwise bring Debian's 1.16.2 back, which the stick does not get on with. Debian's packages
 * that it needs come with it where the base lacks them; apt may upgrade those.
 */
export const libqmi: Stage = {
  name: 'libqmi',
  reads: () => [...getDpkgFiles([...PACKAGES, ...COMPANIONS]), ...FILES],
  plan: (input) => registerPackages(input.files, selectWanted(input), 'libqmi'),
};

function selectWanted({ files, packages }: StageInput) {
  const installed = basePackages(files);
  return packages.filter(({ maker, name, version }) => {
    const there = installed.get(name);
    return maker === 'wwanpi' || there === undefined || compareVersions(there, version) < 0;
  });
}
