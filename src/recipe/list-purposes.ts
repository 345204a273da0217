import { findBase } from '../base/bases.ts';
import type { Purpose } from '../host/host-tools.ts';
import type { BuildRequest } from './build-request.ts';

/** The parts of a request that decide its base and the programs it needs. */
export type BaseRequest = Pick<BuildRequest, 'base' | 'libqmiSource' | 'builder' | 'compression'>;

/** The features a host needs for a request. The build system of a --libqmi-source is not known yet. */
export function listPurposes({ base: name, libqmiSource, builder, compression }: BaseRequest): Purpose[] {
  const purposes: Purpose[] = ['image', 'libqmi'];
  if (compression.format === 'zstd') purposes.push('pack-zstd');
  if (builder === 'qemu') purposes.push('libqmi-qemu');
  const base = findBase(name);
  if (libqmiSource !== undefined || base === undefined) purposes.push('libqmi-autotools', 'libqmi-meson');
  else if (base.kind === 'built') purposes.push('libqmi-meson', 'debian-base');
  else purposes.push('libqmi-autotools');
  return purposes;
}
