/**
 * The version of a libqmi source tree, from its `configure` or `meson.build`; undefined if the texts are not
 * libqmi's.
 */
export function parseLibqmiVersion(texts: {
  readonly configure: string | undefined;
  readonly meson: string | undefined;
}): string | undefined {
  const { configure, meson } = texts;
  if (configure !== undefined) {
    if (!/^PACKAGE_TARNAME='libqmi'$/m.test(configure)) return undefined;
    return /^PACKAGE_VERSION='(\d[\d.]*)'$/m.exec(configure)?.[1];
  }
  const project = /\bproject\(\s*'libqmi'([^)]*)\)/.exec(meson ?? '')?.[1];
  return /\bversion:\s*'(\d[\d.]*)'/.exec(project ?? '')?.[1];
}
