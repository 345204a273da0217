import { basePackages } from '../src/formats/config/base-text.ts';
import { compareVersions } from '../src/formats/debian/debian-version.ts';
import { getDpkgFiles, registerPackages } from '../src/formats/debian/dpkg-database.ts';
import type { Stage, StageInput } from './stage.ts';

/** The names of Debian's packages, which ours replace. */
const PACKAGES = ['libqmi-glib5', 'libqmi-proxy', 'libqmi-utils'];

/** Debian's own packages that ours may need. */
const COMPANIONS = ['libmbim-glib4', 'libmbim-proxy', 'libqrtr-glib0'];

/** The files of 1.16.0; read so that a dry run can tell new files from replaced ones. */
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
 * Installs the compiled libqmi as packages that are registered in dpkg and held: a later apt upgrade or `apt install
 * modemmanager` would otherwise bring Debian's 1.16.2 back, which does not work with the modem.
 * Debian's packages that it needs come with it if the base lacks them; apt may upgrade those.
 */
export const libqmi: Stage = {
  name: 'libqmi',
  reads: () => [
    ...getDpkgFiles([...PACKAGES, ...COMPANIONS].map((name) => ({ name, architecture: 'armhf' }))),
    ...FILES,
  ],
  plan: (input) => registerPackages(input.files, selectWanted(input), 'libqmi'),
};

function selectWanted({ files, packages }: StageInput) {
  const installed = basePackages(files);
  return packages.filter(({ maker, name, version }) => {
    const there = installed.get(name);
    return maker === 'wwanpi' || there === undefined || compareVersions(there, version) < 0;
  });
}
