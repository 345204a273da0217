import type { BuiltPackage, PackageFile } from '../../src/core/model.ts';
import { buildPackage } from '../../src/formats/debian/build-package.ts';
import { formatMd5sums } from '../../src/formats/debian/deb.ts';

const VERSION = '1.16.0-1+wwanpi1';

/** libqmi's packages with stand-in content: what a stage or dpkg looks at is as in real ones. */
export const samplePackages: readonly BuiltPackage[] = [
  buildPackage({
    name: 'libqmi-glib5',
    version: VERSION,
    source: 'libqmi',
    section: 'libs',
    multiArch: 'same',
    homepage: 'https://www.freedesktop.org/wiki/Software/libqmi/',
    depends: ['libc6 (>= 2.4)', 'libglib2.0-0 (>= 2.37.3)'],
    description: ['Support library', 'Stand-in.'],
    files: [
      file('/usr/lib/arm-linux-gnueabihf/libqmi-glib.so.5.1.0', 'library\n'),
      {
        kind: 'symlink',
        path: '/usr/lib/arm-linux-gnueabihf/libqmi-glib.so.5',
        target: 'libqmi-glib.so.5.1.0',
      },
    ],
    controlFiles: new Map([
      ['shlibs', 'libqmi-glib 5 libqmi-glib5 (>= 1.16.0)\n'],
      ['triggers', 'activate-noawait ldconfig\n'],
    ]),
  }),
  buildPackage({
    name: 'libqmi-utils',
    version: VERSION,
    source: 'libqmi',
    section: 'net',
    homepage: 'https://www.freedesktop.org/wiki/Software/libqmi/',
    depends: ['libc6 (>= 2.4)', `libqmi-glib5 (= ${VERSION})`],
    description: ['Utilities', 'Stand-in.'],
    files: [{ ...file('/usr/bin/qmicli', '#!/bin/sh\n'), mode: 0o755 }],
  }),
];

/** ModemManager and libqmi as packages of Debian 13, with stand-in content. */
export const stockPackages: readonly BuiltPackage[] = [
  stock('libqmi-glib5', 'Multi-Arch: same\n', [
    file('/usr/lib/aarch64-linux-gnu/libqmi-glib.so.5', 'library\n'),
  ]),
  {
    ...stock('modemmanager', 'Depends: libqmi-glib5 (>= 1.24.0)\n', [
      { kind: 'directory', path: '/etc/ModemManager/fcc-unlock.d', mode: 0o755 },
      file(
        '/usr/lib/systemd/system/ModemManager.service',
        '[Install]\nWantedBy=multi-user.target\nAlias=dbus-org.freedesktop.ModemManager1.service\n',
      ),
      { ...file('/usr/sbin/ModemManager', 'program\n'), mode: 0o755 },
    ]),
    controlFiles: new Map([
      ['conffiles', 'remove-on-upgrade /etc/dbus-1/system.d/org.freedesktop.ModemManager1.conf\n'],
      ['postinst', '#!/bin/sh\nset -e\n'],
    ]),
    services: ['ModemManager.service'],
  },
];

function stock(name: string, fields: string, files: readonly PackageFile[]): BuiltPackage {
  const control = `Package: ${name}\nVersion: 1.24.0-1\nArchitecture: arm64\n${fields}Section: net\nDescription: Stand-in\n`;
  return {
    ...{ maker: 'debian', name, version: '1.24.0-1', architecture: 'arm64', control, files },
    md5sums: formatMd5sums(files),
    controlFiles: new Map(),
  };
}

/** A /var/lib/dpkg/status of a base without libqmi. */
export const BASE_STATUS = `Package: libc6
Status: install ok installed
Priority: required
Section: libs
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Architecture: armhf
Multi-Arch: same
Version: 2.24-11+deb9u1
Conffiles:
 /etc/ld.so.conf.d/arm-linux-gnueabihf.conf 4fa8d2c8e0b1a40cc9ea0b8ee54ad0ea
Description: GNU C Library: Shared libraries
 Contains the standard libraries.
 .
 And more.

Package: libglib2.0-0
Status: install ok installed
Priority: optional
Section: libs
Maintainer: Debian GNOME Maintainers <pkg-gnome-maintainers@lists.alioth.debian.org>
Architecture: armhf
Multi-Arch: same
Version: 2.50.3-2
Depends: libc6 (>= 2.17)
Description: GLib library of C routines

`;

function file(path: string, text: string) {
  return { kind: 'file' as const, path, mode: 0o644, content: Buffer.from(text) };
}
