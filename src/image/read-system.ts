import type { Architecture, Disk, Stack, SystemFacts } from '../core/model.ts';
import { DPKG_STATUS } from '../formats/config/base-text.ts';
import { getField, parseParagraph, splitParagraphs } from '../formats/debian/deb822.ts';
import { installedPackages } from '../formats/debian/installed-packages.ts';
import { type ImageTree, readText, withImageTree } from './image-tree.ts';

/**
 * Reads what every change to a base depends on: its architecture, how it dials, and where its FAT volume is mounted.
 * A base without dpkg counts as armhf; the stages refuse it.
 */
export async function readSystem(disk: Disk): Promise<SystemFacts> {
  return withImageTree(disk, async (tree) => {
    return findSystem(tree, (await readText(tree, DPKG_STATUS)) ?? '');
  });
}

/** The same of an open image, whose dpkg status file is read already. */
export function findSystem({ bootFolder }: ImageTree, status: string): SystemFacts {
  return {
    architecture: findArchitecture(status),
    stack: findStack(installedPackages(status)),
    bootFolder,
  };
}

/** ifupdown comes first: NetworkManager leaves alone what it brings up. */
function findStack(installed: ReadonlyMap<string, string>): Stack {
  if (installed.has('ifupdown') && installed.has('isc-dhcp-client')) return 'ifupdown';
  return installed.has('network-manager') ? 'networkmanager' : 'ifupdown';
}

/** The architecture of dpkg itself is the system's; packages of others may be installed beside. */
function findArchitecture(status: string): Architecture {
  const dpkg = splitParagraphs(status).find((text) => /^Package:[ \t]*dpkg$/m.test(text)) ?? '';
  return getField(parseParagraph(dpkg), 'Architecture') === 'arm64' ? 'arm64' : 'armhf';
}
