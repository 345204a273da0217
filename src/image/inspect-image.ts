import { InputError } from '../core/errors.ts';
import type { Disk, OsRelease, Partition, Stack, SystemFacts } from '../core/model.ts';
import { DPKG_STATUS } from '../formats/config/base-text.ts';
import { NEIGHBOURS, NEIGHBOURS_RULE } from '../formats/config/neighbours.ts';
import { parseOsRelease } from '../formats/config/os-release.ts';
import { getField, parseParagraph, splitParagraphs } from '../formats/debian/deb822.ts';
import { redactCredentials } from '../formats/redact-credentials.ts';
import { type ImageTree, readText, withImageTree } from './image-tree.ts';
import { inspectSettings, type SettingsReport } from './inspect-settings.ts';
import { inspectUnits, type UnitReport } from './inspect-units.ts';
import { findSystem } from './read-system.ts';

/** The result of `wwanpi inspect`. Plain data: `--json` prints it unchanged. */
export interface ImageReport {
  readonly path: string;
  readonly sizeBytes: number;
  readonly diskId: string;
  readonly partitions: readonly PartitionReport[];
  readonly os: OsRelease | undefined;
  readonly system: SystemFacts;
  readonly settings: SettingsReport;
  /** Packages named libqmi…, from dpkg's status file. */
  readonly libqmi: readonly PackageReport[];
  /** ModemManager and NetworkManager, from dpkg's status file. */
  readonly neighbours: readonly PackageReport[];
  /** The network files in full, without user names and passwords. */
  readonly files: readonly { readonly path: string; readonly text: string | undefined }[];
  readonly units: readonly UnitReport[];
  readonly warnings: readonly string[];
}

/** A partition and the file system in it. */
export interface PartitionReport extends Partition {
  readonly fileSystem: string;
  readonly label: string;
  readonly freeBytes: number;
}

/** A package of the image. */
export interface PackageReport {
  readonly name: string;
  readonly version: string;
  /** `installed`, `config-files`, … (dpkg(1), "Package states"). */
  readonly state: string;
  readonly held: boolean;
}

const DHCPCD_CONF = '/etc/dhcpcd.conf';
/** The network files of each stack. */
const IFUPDOWN_FILES = [
  '/etc/network/interfaces',
  '/etc/network/interfaces.d/wwan0',
  '/etc/qmi-network.conf',
  '/etc/resolv.conf.head',
  '/etc/wwanpi/ndisdup.conf',
  NEIGHBOURS_RULE,
];
const FILES: Readonly<Record<Stack, readonly string[]>> = {
  ifupdown: IFUPDOWN_FILES,
  networkmanager: [
    '/etc/NetworkManager/system-connections/wwanpi.nmconnection',
    '/etc/NetworkManager/system-connections/wwanpi-wifi.nmconnection',
    '/etc/NetworkManager/conf.d/wwanpi.conf',
    '/etc/wwanpi/firewall.conf',
  ],
};

/**
 * Reads the network setup of any Raspberry Pi image, made by wwanpi or not.
 * @throws InputError when its file systems cannot be read
 */
export async function inspectDisk(disk: Disk): Promise<ImageReport> {
  return withImageTree(disk, async (tree) => {
    const warnings: string[] = [];
    const { superblock } = tree.ext4;
    if (superblock.needsRecovery) {
      warnings.push('the root was not unmounted; changes that are still in its journal are not shown');
    }
    if (superblock.hasErrors) warnings.push('the root file system is marked as having errors');
    const status = (await readText(tree, DPKG_STATUS)) ?? '';
    const system = findSystem(tree, status);
    const files: { path: string; text: string | undefined }[] = [];
    for (const path of FILES[system.stack]) {
      const text = await readText(tree, path);
      files.push({ path, text: text === undefined ? undefined : redactCredentials(text) });
    }
    if (system.stack === 'ifupdown') {
      const denied = (await readText(tree, DHCPCD_CONF))?.match(/^[ \t]*denyinterfaces\b.*$/gm);
      files.push({ path: `${DHCPCD_CONF} (denyinterfaces)`, text: denied?.join('\n') });
    }
    return {
      path: disk.path,
      sizeBytes: disk.layout.sizeBytes,
      diskId: disk.layout.diskId,
      partitions: describePartitions(disk, tree),
      os: await readOs(tree, warnings),
      system,
      settings: await inspectSettings(tree),
      libqmi: listPackages(status, (name) => name.startsWith('libqmi')),
      neighbours: listPackages(status, (name) => NEIGHBOURS.some((neighbour) => neighbour.name === name)),
      files,
      units: await inspectUnits(tree),
      warnings,
    };
  });
}

function describePartitions(disk: Disk, { ext4, fat }: ImageTree): readonly PartitionReport[] {
  const { superblock } = ext4;
  return [
    {
      ...disk.layout.boot,
      fileSystem: fat.geometry.kind,
      label: fat.label,
      freeBytes: fat.freeBytes,
    },
    {
      ...disk.layout.root,
      fileSystem: 'ext4',
      label: superblock.label,
      freeBytes: superblock.freeBlocksCount * superblock.blockSizeBytes,
    },
  ];
}

async function readOs(tree: ImageTree, warnings: string[]): Promise<OsRelease | undefined> {
  const text = await readText(tree, '/etc/os-release');
  if (text === undefined) {
    warnings.push('there is no /etc/os-release');
    return undefined;
  }
  try {
    return parseOsRelease(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    warnings.push(error.message);
    return undefined;
  }
}

function listPackages(status: string, wants: (name: string) => boolean): PackageReport[] {
  return splitParagraphs(status)
    .filter((text) => wants(/^Package: (\S+)/m.exec(text)?.[1] ?? ''))
    .map((text) => {
      const paragraph = parseParagraph(text);
      const [want = '', , state = 'unknown'] = (getField(paragraph, 'Status') ?? '').split(' ');
      return {
        name: getField(paragraph, 'Package') ?? '',
        version: getField(paragraph, 'Version') ?? '',
        state,
        held: want === 'hold',
      };
    });
}
