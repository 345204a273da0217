import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { explainFileError } from '../core/errors.ts';
import type { Issue } from '../formats/issues.ts';
import { isPackageFile } from '../options/option.ts';
import type { OwnFilesRequest } from './own-files.ts';

/** Debian Policy 5.6.1; apt would take much else, such as a version, a pattern or a removal (apt-get(8)). */
const PACKAGE_NAME = /^[a-z0-9][a-z0-9+.-]*[a-z0-9+]$/;

/** Their numbers on the Pi have two digits, so that names are in their order. */
const MAX_SCRIPTS = 99;

/**
 * The own files that options name. Whether they exist is checked here, what is in them when they are read.
 * @param given options of `build`, camel case
 * @param issues gets what is wrong
 */
export async function checkOwnFiles(
  given: Readonly<Record<string, unknown>>,
  issues: Issue[],
): Promise<OwnFilesRequest> {
  const trees = list(given.extraTree);
  const packages = list(given.package);
  const packageFiles = packages.filter(isPackageFile);
  const packageNames = packages.filter((value) => !isPackageFile(value));
  const scripts = list(given.firstBoot);
  for (const path of trees) issues.push(...(await checkPath('extra-tree', path, 'folder')));
  for (const path of packageFiles) issues.push(...(await checkPath('package', path, 'file')));
  for (const path of scripts) issues.push(...(await checkPath('first-boot', path, 'file')));
  if (scripts.length > MAX_SCRIPTS) {
    issues.push({
      option: 'first-boot',
      message: `names more than ${MAX_SCRIPTS} scripts`,
      hint: 'join some of them',
    });
  }
  for (const name of packageNames) {
    if (PACKAGE_NAME.test(name)) continue;
    const message = 'is neither a file that ends in .deb nor the name of a package';
    issues.push({
      option: 'package',
      value: name,
      message,
      hint: 'a name has no version: give one such as htop',
    });
  }
  return {
    trees: trees.map((path) => resolve(path)),
    packageFiles: packageFiles.map((path) => resolve(path)),
    packageNames: [...new Set(packageNames)],
    scripts: scripts.map((path) => resolve(path)),
  };
}

function list(value: unknown): string[] {
  return value === undefined ? [] : [value].flat().map(String);
}

async function checkPath(option: string, path: string, kind: 'folder' | 'file'): Promise<Issue[]> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error) {
    return [{ option, value: path, message: `cannot be read: ${explainFileError(found)}` }];
  }
  if (kind === 'folder' && !found.isDirectory()) {
    return [
      {
        option,
        value: path,
        message: 'is not a folder',
        hint: 'name the folder that stands for / of the Pi',
      },
    ];
  }
  return kind === 'file' && !found.isFile() ? [{ option, value: path, message: 'is not a file' }] : [];
}
