import { findBase } from '../base/bases.ts';
import type { Purpose } from '../host/host-tools.ts';
import type { BuildRequest, LibqmiChoice } from './build-request.ts';

/** The parts of a request that decide its base and the programs it needs. */
export type BaseRequest = Pick<BuildRequest, 'base' | 'libqmi' | 'libqmiSource' | 'builder' | 'compression'>;

/**
 * The features a host needs for a request. The build system of a --libqmi-source is not known yet.
 * @param libqmi undefined as long as only the base can tell
 */
export function listPurposes(
  { base: name, libqmiSource, builder, compression }: BaseRequest,
  libqmi: LibqmiChoice | undefined,
): Purpose[] {
  const purposes: Purpose[] = ['image'];
  if (compression.format === 'zstd') purposes.push('pack-zstd');
  const base = findBase(name);
  if (base?.kind === 'built') purposes.push('debian-base');
  if (libqmi === 'stock') purposes.push('packages');
  if (libqmi !== 'build') return purposes;
  purposes.push('libqmi');
  if (builder === 'qemu') purposes.push('libqmi-qemu');
  if (libqmiSource !== undefined || base === undefined) purposes.push('libqmi-autotools', 'libqmi-meson');
  else purposes.push(base.kind === 'built' ? 'libqmi-meson' : 'libqmi-autotools');
  return purposes;
}
