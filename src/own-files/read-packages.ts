import { readFile } from 'node:fs/promises';
import { InputError, VerificationError } from '../core/errors.ts';
import { ARCHITECTURES } from '../core/model.ts';
import { inspectDeb } from '../formats/debian/inspect-deb.ts';
import { findPiArchitecture } from '../formats/debian/read-package.ts';
import type { OwnContent, OwnPackage } from '../recipe/own-files.ts';
import { type Keeper, keepFile } from './keep-content.ts';

/** The largest package of Debian 12 has 1.3 GB; more than this is not held in memory while it is checked. */
const MAX_DEB_BYTES = 512 * 2 ** 20;

/**
 * Reads and checks a package that the user has as a file.
 * @throws InputError with a reason without its subject, VerificationError the same
 */
export async function readPackageFile(path: string, keeper: Keeper): Promise<OwnPackage> {
  const { content, sha256 } = await keepFile(path, keeper, MAX_DEB_BYTES);
  return describePackage(content, sha256, 'file');
}

/**
 * Checks a package that is kept already.
 * @throws InputError, VerificationError with a reason without its subject
 */
export async function describePackage(
  content: OwnContent,
  sha256: string,
  from: OwnPackage['from'],
): Promise<OwnPackage> {
  const bytes = content instanceof Uint8Array ? content : await readFile(content.path);
  const { control, name, version, unpackedBytes, ...facts } = await inspectDeb(bytes);
  const architecture = findPiArchitecture(facts.architecture);
  if (architecture === undefined) {
    const message = `is for the architecture ${facts.architecture || '(none)'}, and a Pi's is ${ARCHITECTURES.join(' or ')}`;
    throw new InputError(message, {
      hint: 'give the package for the architecture of the base, or one for all',
    });
  }
  if (control.length > 64 * 1024) throw new VerificationError('has a control file of more than 64 KiB');
  const plain = version.replaceAll(':', '%3a');
  return {
    ...{ name, version, architecture, content, sha256, control, from },
    fileName: `${name}_${plain}_${architecture}.deb`,
    installedBytes: unpackedBytes,
  };
}
