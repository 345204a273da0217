/** The values that pass through the pipeline. Plain and readonly: a step takes some and returns new ones. */

/** The two file systems of a Raspberry Pi image: FAT32 mounted at the boot folder, and the ext4 root. */
export type VolumeName = 'boot' | 'root';

/** One entry of the MBR partition table. */
export interface Partition {
  /** 1-based, as in /dev/mmcblk0p1. */
  readonly number: number;
  /** MBR type byte: 0x0c is FAT32 LBA, 0x83 is Linux. */
  readonly type: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** A disk's partition table after the checks of `unpackDisk`: exactly one FAT boot and one last ext4 root. */
export interface DiskLayout {
  /** The MBR disk signature as eight lower-case hex digits, the prefix of both PARTUUIDs. */
  readonly diskId: string;
  readonly sizeBytes: number;
  readonly boot: Partition;
  readonly root: Partition;
}

/** A raw .img on the host together with its layout. */
export interface Disk {
  readonly path: string;
  readonly layout: DiskLayout;
}

/** The fields of the base's /etc/os-release (os-release(5)). */
export interface OsRelease {
  /** `raspbian` or `debian`. */
  readonly id: string;
  /** `stretch`, `bookworm`; derived from VERSION where VERSION_CODENAME is absent, as on Stretch. */
  readonly codename: string;
  readonly prettyName: string;
}

/** Debian's names for the processors of Pis. */
export const ARCHITECTURES = ['armhf', 'arm64'] as const;

/** Debian's name for the processors that a base's packages are for. */
export type Architecture = (typeof ARCHITECTURES)[number];

/** How an image dials: `ifupdown` with qmi-network, or `networkmanager` with ModemManager. */
export type Stack = 'ifupdown' | 'networkmanager';

/** Where the FAT volume is mounted; Raspberry Pi OS moved it with Bookworm. */
export type BootFolder = '/boot' | '/boot/firmware';

/** What every change to a base depends on. */
export interface SystemFacts {
  readonly architecture: Architecture;
  readonly stack: Stack;
  readonly bootFolder: BootFolder;
}

/** Owner and mode of a file on the root volume. FAT keeps none of it, so it is ignored there. */
export interface FileMeta {
  /** Permission bits with set-id bits, no file type: 0o644. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** A file of this machine that nobody changes during a run: content that is too large for memory. */
export interface StoredFile {
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * One change to the image, fully decided before the first byte is written. `path` is absolute and as the
 * running Pi sees it: what lies under the boot folder goes to the FAT volume. Parent directories are made as
 * needed (0755 root:root). A change replaces whatever regular file or symlink lies at its path.
 */
export type FileChange =
  | ({ readonly kind: 'file'; readonly content: Uint8Array } & ChangeBase & FileMeta)
  /** A file of any size, with the content of a file of this machine. */
  | ({ readonly kind: 'copy'; readonly source: StoredFile } & ChangeBase & FileMeta)
  | ({ readonly kind: 'symlink'; readonly target: string } & ChangeBase)
  | ({ readonly kind: 'directory' } & ChangeBase & FileMeta)
  /** A folder of the base gets another name in its own folder. Other changes name what is in it by the new path. */
  | ({ readonly kind: 'move'; readonly from: string } & ChangeBase)
  | ({ readonly kind: 'remove' } & ChangeBase);

interface ChangeBase {
  readonly path: string;
  /** The stage that planned it; shown in dry runs and the manifest. */
  readonly stage: string;
  /** True if `content` holds a secret: dry runs and manifests then show neither text nor hash. */
  readonly secret?: boolean;
}

/** A file of the base as the planner sees it. */
export interface BaseFile extends FileMeta {
  readonly content: Uint8Array;
}

/** What a base has where a file is to go. */
export interface BasePlace {
  /** The same place without links among its parents; behind a link to a folder, if a folder is to go there. */
  readonly path: string;
  readonly kind: 'nothing' | 'file' | 'directory' | 'symlink' | 'special';
  /** A parent that exists and is no folder. */
  readonly obstacle: string | undefined;
}

/** The base's files that the stages require, by path; absent files map to undefined. */
export type BaseFiles = ReadonlyMap<string, BaseFile | undefined>;

/** A package that wwanpi puts into the image. */
export interface BuiltPackage {
  /** `wwanpi` for what it compiled itself, `debian` for a package of the base's distribution as it is. */
  readonly maker: 'wwanpi' | 'debian';
  readonly name: string;
  readonly version: string;
  readonly architecture: Architecture | 'all';
  /** deb822 control paragraph without Status, ending in a newline (deb-control(5)). */
  readonly control: string;
  /** Installed tree: files, symlinks and directories, in path order. */
  readonly files: readonly PackageFile[];
  /** md5sums(5) text of the package. */
  readonly md5sums: string;
  /** Extra control-archive members by name, e.g. `triggers`, `shlibs`. */
  readonly controlFiles: ReadonlyMap<string, string>;
  /** Paths of `files` that dpkg's settings in the base leave out. */
  readonly leftOut?: ReadonlySet<string>;
  /** Units that its postinst turns on, and all that it does. */
  readonly services?: readonly string[];
}

/** libqmi for one base: the packages that go into its images, and what they were made from. */
export interface Libqmi {
  /** That of the libqmi in the image: compiled, of an added package, or the base's own. */
  readonly version: string;
  readonly packages: readonly BuiltPackage[];
  /** Undefined if nothing was compiled. */
  readonly source: InputRecord | undefined;
  /** Everything the packages were made from, the source first; packages of a distribution are their own inputs. */
  readonly inputs: readonly InputRecord[];
}

/** One member of a package's data archive. `path` is absolute. */
export type PackageFile =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number };

/** Something fetched or read that went into the image, for the manifest. */
export interface InputRecord {
  readonly name: string;
  readonly sha256: string;
  /** URL, path's base name or package version: where it came from. */
  readonly origin: string;
  /** Whether the hash was pinned in wwanpi, and so checked. */
  readonly pinned: boolean;
}

/** One finished file of an image, as SHA256SUMS lists it. */
export interface ReleaseFile {
  /** In the output folder, without a path. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly kind: 'image' | 'packed' | 'bmap' | 'manifest' | 'sbom';
}

/** The file to flash: the compressed image, if there is one. */
export function findMainFile(files: readonly ReleaseFile[]): ReleaseFile | undefined {
  return files.find((file) => file.kind === 'packed') ?? files.find((file) => file.kind === 'image');
}
