import type { Target } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import type { Disk, InputRecord, Libqmi, OsRelease, SystemFacts } from '../core/model.ts';
import { DPKG_STATUS } from '../formats/config/base-text.ts';
import { installedPackages } from '../formats/debian/installed-packages.ts';
import { readText, withImageTree } from '../image/image-tree.ts';
import { fetchStock, type StockPackage } from './fetch-stock.ts';

/** The package that dials for NetworkManager. */
const DIALER = 'modemmanager';

/** A base whose own libqmi dials. */
export interface StockBase {
  readonly disk: Disk;
  readonly os: OsRelease;
  readonly system: SystemFacts;
  readonly target: Target;
}

/**
 * The base's own libqmi, and the packages that the base lacks of what dials by it. Raspberry Pi OS has no ModemManager
 * since 2026.
 * @throws as `fetchStock`
 */
export async function prepareStock(context: Context, base: StockBase): Promise<Libqmi> {
  const { disk, os, system, target } = base;
  const done = context.report.step('ModemManager');
  const status = (await withImageTree(disk, (tree) => readText(tree, DPKG_STATUS))) ?? '';
  const installed = installedPackages(status);
  const { architecture } = system;
  const added = installed.has(DIALER)
    ? []
    : await fetchStock(context, { disk, os, architecture, status }, target, DIALER);
  const find = (name: string) =>
    added.find(({ built }) => built.name === name)?.built.version ?? installed.get(name) ?? 'none';
  const from = added.length === 0 ? "the base's own" : `${added.length} packages of the base's sources`;
  done(`${find(DIALER)} with libqmi ${find('libqmi-glib5')}, ${from}`);
  return {
    version: find('libqmi-glib5'),
    packages: added.map(({ built }) => built),
    source: undefined,
    inputs: added.map(toRecord),
  };
}

function toRecord({ built, download }: StockPackage): InputRecord {
  const { name, version, architecture } = built;
  // The hash is that of the archive's signed lists.
  return {
    name,
    sha256: download.sha256,
    origin: `package ${name} ${version} ${architecture}`,
    pinned: false,
  };
}
