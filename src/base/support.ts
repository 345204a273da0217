import type { Context } from '../core/context.ts';
import type { OsRelease } from '../core/model.ts';

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

/** Says in one line that a base gets no more security updates. Nothing in the image depends on the date. */
export function warnUnsupported(
  { report }: Pick<Context, 'report'>,
  { codename, prettyName }: OsRelease,
  now = new Date(),
): void {
  if (!isUnsupported(codename, now)) return;
  report.warn(
    `${prettyName} has had no security updates since ${findSupportEnd(codename)}; wwanpi bases lists newer ones`,
  );
}
