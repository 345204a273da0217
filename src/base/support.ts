/**
 * The last day with security updates, by Debian's codename: of Debian's long-term support, from which Raspbian and
 * Raspberry Pi OS take their updates (package distro-info-data 0.58+deb12u6, debian.csv, column eol-lts).
 */
const SUPPORTED_UNTIL: Readonly<Record<string, string>> = {
  stretch: '2022-06-30',
  bookworm: '2028-06-30',
  trixie: '2030-06-30',
};

/** The last day with security updates of a release, `2028-06-30`; undefined for one that wwanpi does not know. */
export function findSupportEnd(codename: string): string | undefined {
  return SUPPORTED_UNTIL[codename];
}

/** Whether a release has had its last security update. */
export function isUnsupported(codename: string, now: Date): boolean {
  const end = findSupportEnd(codename);
  return end !== undefined && now.toISOString().slice(0, 10) > end;
}
