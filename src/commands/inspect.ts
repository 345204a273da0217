import { findRawDisk } from '../base/unpack-image.ts';
import type { Context } from '../core/context.ts';
import { escapeJson, printable } from '../formats/printable.ts';
import { escapeControls } from '../formats/text-diff.ts';
import { formatBytes } from '../formats/units.ts';
import { type ImageReport, inspectDisk, type PackageReport } from '../image/inspect-image.ts';
import type { SettingsReport } from '../image/inspect-settings.ts';
import type { UnitReport } from '../image/inspect-units.ts';
import { openDisk } from '../image/open-disk.ts';

/**
 * The report of `wwanpi inspect` on an image file, raw or compressed.
 * @throws InputError when it is not a Raspberry Pi image
 */
export async function inspectImage(context: Context, path: string): Promise<ImageReport> {
  const report = await inspectDisk(await openDisk(await findRawDisk(context, path)));
  return { ...report, path };
}

/** The report for `--json`; absent values are null. */
export function formatImageReportJson(report: ImageReport): string {
  return `${escapeJson(JSON.stringify(report, (_key, value) => value ?? null, 2))}\n`;
}

/** The report as text. Nothing that comes out of the image controls the terminal or adds a line. */
export function formatImageReport(report: ImageReport): string {
  return [
    `${printable(report.path)}: ${formatBytes(report.sizeBytes)}, ${printable(report.os?.prettyName ?? 'unknown system')}${report.system.architecture === 'arm64' ? ', 64 bit' : ''}`,
    ...report.warnings.map((warning) => `⚠ ${printable(warning)}`),
    '',
    `Partitions (disk id ${report.diskId})`,
    ...report.partitions.map(
      ({ number, fileSystem, label, offsetBytes, sizeBytes, freeBytes }) =>
        `  ${number}  ${fileSystem.padEnd(5)}  ${printable(label).padEnd(8)} at sector ${String(offsetBytes / 512).padEnd(7)} ${formatBytes(sizeBytes)}, ${formatBytes(freeBytes)} free`,
    ),
    '',
    'Settings',
    ...formatSettings(report.settings),
    '',
    'libqmi',
    ...(report.libqmi.length === 0 ? ['  not installed'] : []),
    ...report.libqmi.map(formatPackage),
    ...(report.neighbours.length === 0
      ? []
      : ['', NEIGHBOURS_TITLES[report.system.stack], ...report.neighbours.map(formatPackage)]),
    '',
    'Units',
    ...report.units.map((unit) => `  ${printable(`${unit.name.padEnd(24)} ${formatState(unit)}`)}`),
    ...report.files.flatMap(({ path, text }) => ['', path, indent(text ?? '(absent)')]),
    '',
  ].join('\n');
}

/** What they are to an image: with ifupdown nothing but in its way. */
const NEIGHBOURS_TITLES = {
  ifupdown: 'Other software that runs modems or networks',
  networkmanager: 'What dials',
} as const;

function formatSettings({ users, ...settings }: SettingsReport): string[] {
  const names = {
    hostname: 'host name',
    timezone: 'time zone',
    locale: 'locale',
    keyboard: 'keyboard',
  } as const;
  const lines = Object.entries(names).map(
    ([key, label]) =>
      `  ${label.padEnd(10)} ${printable(settings[key as keyof typeof names] ?? '(not set)')}`,
  );
  const logins = users.map(({ name, password, keys }) => {
    const ways = [
      ...(password ? ['password'] : []),
      ...(keys > 0 ? [`${keys} SSH key${keys > 1 ? 's' : ''}`] : []),
    ];
    return `  user       ${printable(name)} (${ways.join(', ') || 'no password, no key'})`;
  });
  return [...lines, ...logins];
}

function formatPackage({ name, version, state, held }: PackageReport): string {
  return `  ${printable(`${name} ${version} (${state}${held ? ', held' : ''})`)}`;
}

function formatState({ state, by }: UnitReport): string {
  switch (state) {
    case 'enabled':
      return `enabled (${by})`;
    case 'udev':
      return `started by udev (${by})`;
    case 'boot-file':
      return `enabled at the next boot (${by})`;
    case 'disabled':
    case 'absent':
      return state;
  }
}

/** Indents text from the image and escapes control characters, which would otherwise reach the terminal. */
function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  │ ${escapeControls(line)}`)
    .join('\n');
}
