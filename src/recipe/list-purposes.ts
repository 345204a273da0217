import { findBase } from '../base/bases.ts';
import type { Purpose } from '../host/host-tools.ts';
import type { BuildRequest } from './build-request.ts';

/** What of a request decides what its base is and which programs are needed. */
export type BaseRequest = Pick<BuildRequest, 'base' | 'libqmiSource' | 'builder' | 'compression'>;

/** What the host must have for a request; which build system a file's libqmi needs is only known later. */
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
