/** pkg-config(1) files for the base's own GLib, and GLib's version from its file names. */

/**
 * The GLib version in the name of its library: `2.50.3` of `libglib-2.0.so.0.5000.3`. GLib numbers its
 * libtool age 100·minor + micro − interface age (its configure.ac and meson.build).
 */
export function getGlibVersion(libraryName: string): string | undefined {
  const match = /^libglib-2\.0\.so\.0\.(\d+)\.(\d+)$/.exec(libraryName);
  if (match === null) return undefined;
  const age = Number(match[1]) + Number(match[2]);
  return `2.${Math.floor(age / 100)}.${age % 100}`;
}

/** GLib's name for the API level of a version: `GLIB_VERSION_2_50`. Only even minors have one. */
export function glibVersionMacro(version: string): string {
  const minor = Number(version.split('.')[1]);
  return `GLIB_VERSION_2_${minor - (minor % 2)}`;
}

/**
 * The .pc files that a libqmi build requires, by file name. They are not taken from a -dev package: these give the
 * version that is really linked, and have no Requires.private, by which pkg-config would require packages that a
 * build against shared libraries does not need.
 */
export function formatGlibPkgConfig(version: string, triplet: string): Map<string, string> {
  const file = (name: string, requires: string, libs: string, cflags: string, extra = '') =>
    [
      'prefix=/usr',
      `libdir=\${prefix}/lib/${triplet}`,
      `includedir=\${prefix}/include`,
      `${extra}`,
      `Name: ${name}`,
      `Description: ${name} of the base image`,
      `Version: ${version}`,
      `Requires: ${requires}`,
      `Libs: ${libs}`,
      `Cflags: ${cflags}`,
      '',
    ].join('\n');
  const library = (name: string) => `-L\${libdir} -l${name}`;
  return new Map([
    [
      'glib-2.0.pc',
      file(
        'glib-2.0',
        '',
        library('glib-2.0'),
        `-I\${includedir}/glib-2.0 -I\${libdir}/glib-2.0/include`,
        'glib_mkenums=glib-mkenums\nglib_genmarshal=glib-genmarshal\n',
      ),
    ],
    ['gobject-2.0.pc', file('gobject-2.0', 'glib-2.0', library('gobject-2.0'), '')],
    ['gio-2.0.pc', file('gio-2.0', 'glib-2.0, gobject-2.0', library('gio-2.0'), '')],
    ['gio-unix-2.0.pc', file('gio-unix-2.0', 'gobject-2.0, gio-2.0', '', `-I\${includedir}/gio-unix-2.0`)],
  ]);
}
