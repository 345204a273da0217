/** Names and versions of the packages that a dpkg status file (dpkg(1)) says are installed. */
export function installedPackages(status: string): ReadonlyMap<string, string> {
  const installed = new Map<string, string>();
  for (const paragraph of status.split(/\n\n+/)) {
    const name = /^Package: (\S+)$/m.exec(paragraph)?.[1];
    const state = /^Status: \S+ \S+ (\S+)$/m.exec(paragraph)?.[1];
    if (name !== undefined && state === 'installed') {
      installed.set(name, /^Version: (\S+)$/m.exec(paragraph)?.[1] ?? '');
    }
  }
  return installed;
}
