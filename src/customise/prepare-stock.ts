import type { Target } from '../base/targets.ts';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { Disk, Libqmi, OsRelease, SystemFacts } from '../core/model.ts';
import { DPKG_STATUS } from '../formats/config/base-text.ts';
import { installedPackages } from '../formats/debian/installed-packages.ts';
import { readText, withImageTree } from '../image/image-tree.ts';

/** The package of the base's distribution that dials, by stack. */
const DIALERS = { networkmanager: 'modemmanager', ifupdown: 'libqmi-utils' } as const;

/** A base whose own libqmi dials. */
export interface StockBase {
  readonly disk: Disk;
  readonly os: OsRelease;
  readonly system: SystemFacts;
  readonly target: Target;
}

/**
 * The base's own libqmi, with what dials by it.
 * @throws InputError when the base lacks it
 */
export async function prepareStock(context: Context, { disk, system }: StockBase): Promise<Libqmi> {
  const done = context.report.step('libqmi');
  const status = (await withImageTree(disk, (tree) => readText(tree, DPKG_STATUS))) ?? '';
  const installed = installedPackages(status);
  const dialer = DIALERS[system.stack];
  if (!installed.has(dialer))
    throw new InputError(`the base lacks ${dialer}, which dials`, { hint: 'use a base that has it' });
  const version = installed.get('libqmi-glib5') ?? 'none';
  done(`${version}, the base's own, with ${dialer} ${installed.get(dialer)}`);
  return { version, packages: [], source: undefined, inputs: [] };
}
