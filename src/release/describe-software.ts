import { VerificationError } from '../core/errors.ts';
import type { Disk } from '../core/model.ts';
import { readVersion } from '../core/package.ts';
import { DPKG_STATUS } from '../formats/config/base-text.ts';
import type { SbomInputs } from '../formats/release-files/sbom.ts';
import { readText, withImageTree } from '../image/image-tree.ts';

/**
 * Makes the SBOM of a finished disk from the package list in it.
 * @throws VerificationError when the disk has no package list
 */
export async function describeSoftware(
  disk: Disk,
  facts: Omit<SbomInputs, 'wwanpiVersion' | 'dpkgStatus'>,
): Promise<string> {
  const dpkgStatus = await withImageTree(disk, (tree) => readText(tree, DPKG_STATUS));
  if (dpkgStatus === undefined) throw new VerificationError(`the finished image has no ${DPKG_STATUS}`);
  // Loading takes a seventh of a second, and only a build needs it.
  const { formatSbom } = await import('../formats/release-files/sbom.ts');
  return formatSbom({ ...facts, wwanpiVersion: readVersion(), dpkgStatus });
}
