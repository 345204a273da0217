import { resolve } from 'node:path';
import { BASES, DEFAULT_BASE } from '../base/bases.ts';
import { findCachedBases } from '../base/cached-bases.ts';
import type { NamedBase } from '../base/named-base.ts';
import { findSupportEnd, isUnsupported } from '../base/support.ts';
import type { Architecture, Stack } from '../core/model.ts';
import type { InitFormat, PiModel } from '../formats/release-files/os-list.ts';
import { defaultCacheDir } from '../host/with-run.ts';

/** The options of `wwanpi bases`. */
export interface BasesOptions {
  readonly json: boolean;
  readonly cacheDir: string | undefined;
  readonly now: Date;
}

/** One base for programs. */
export interface BaseReport {
  /** For `--base`. */
  readonly name: string;
  readonly description: string;
  /** Taken without `--base`. */
  readonly default: boolean;
  /** `built` here from packages, by root, or a `download`. */
  readonly kind: NamedBase['kind'];
  /** Debian's codename: `trixie`. */
  readonly release: string;
  readonly architecture: Architecture;
  /** How its images dial: `ifupdown` or `networkmanager`. */
  readonly stack: Stack;
  /** Raspberry Pi Imager's tags of the Pis that start it: `pi4-64bit`. */
  readonly devices: readonly PiModel[];
  /** How Imager's own settings reach it: `none`, `systemd` or `cloudinit-rpi`. */
  readonly initFormat: InitFormat;
  /** The last day with security updates: `2030-06-30`. */
  readonly supportedUntil: string | null;
  /** Whether that day is not over. */
  readonly supported: boolean;
  readonly cached: boolean;
  /** Of a download: its path on Raspberry Pi's server. */
  readonly path?: string;
  /** Of a download: the archive's hash. */
  readonly sha256?: string;
}

/** The output of `wwanpi bases`. */
export async function runBases({ json, cacheDir, now }: BasesOptions): Promise<string> {
  const cached = new Set(await findCachedBases(resolve(cacheDir ?? defaultCacheDir())));
  if (json) {
    const bases = BASES.map((base) => describe(base, cached.has(base), now));
    return `${JSON.stringify({ bases }, undefined, 2)}\n`;
  }
  const table = [
    ['--base', 'Raspberry Pi', 'system', 'updates', 'cached'],
    ...BASES.map((base) => [
      base.name,
      namePis(base.models),
      base.architecture,
      isUnsupported(base.codename, now) ? 'ended' : `to ${findSupportEnd(base.codename)?.slice(0, 7) ?? '?'}`,
      cached.has(base) ? 'yes' : '',
    ]),
  ];
  return `${formatTable(table)}\n${ADVICE.join('\n')}\n`;
}

const ADVICE = [
  `The default is ${DEFAULT_BASE}. A name with a date is an earlier image.`,
  'debian-… is built here from Debian packages, as root; the others are downloaded.',
];

function describe(base: NamedBase, isCached: boolean, now: Date): BaseReport {
  const { name, description, kind, codename, architecture, stack, models, initFormat } = base;
  return {
    ...{ name, description, default: name === DEFAULT_BASE, kind },
    ...{ release: codename, architecture, stack, devices: models, initFormat },
    supportedUntil: findSupportEnd(codename) ?? null,
    supported: !isUnsupported(codename, now),
    cached: isCached,
    ...(base.kind === 'download' ? { path: base.path, sha256: base.sha256 } : {}),
  };
}

/** Numbers of boards: "1-3, Zero", "3-4, Zero 2". The Zero has the processor of the Pi 1, the Zero 2 W that of the Pi 3. */
export function namePis(models: readonly PiModel[]): string {
  const numbers = [...new Set(models.map((model) => Number(model[2])))].sort();
  const range = numbers.length === 1 ? `${numbers[0]}` : `${numbers[0]}-${numbers.at(-1)}`;
  // The Zero 2 W is younger than the Pi 4, so a system without that one does not know it.
  const zeros = [...(numbers.includes(1) ? ['Zero'] : []), ...(numbers.includes(4) ? ['Zero 2'] : [])];
  return [range, ...zeros].join(', ');
}

function formatTable(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}
