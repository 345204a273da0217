import type { ByteRange } from './byte-range.ts';

/**
 * Reads exactly `lengthBytes` bytes of a volume, at an offset from its start.
 * @throws InputError when the range is not inside the volume
 */
export type ReadBytes = (offsetBytes: number, lengthBytes: number) => Promise<Uint8Array>;

/** A file, directory or symlink inside a volume, the same for ext4 and FAT. */
export interface TreeNode {
  /** Inode number, or first cluster: two names of one file have the same. */
  readonly id: number;
  /** `special` is a device, socket or pipe. */
  readonly kind: 'file' | 'directory' | 'symlink' | 'special';
  /** Permission bits with set-id bits, no file type. FAT has none and gives 0o755. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Whole seconds since 1970; FAT has a resolution of two. */
  readonly mtimeSeconds: number;
  /** Names in a directory, without `.` and `..`, in their stored order. */
  list(): Promise<readonly string[]>;
  /** All entries of a directory; for whole walks, where `find` for each name would read it again and again. */
  children(): Promise<readonly TreeChild[]>;
  /** The entry of that name in a directory; FAT ignores case. */
  find(name: string): Promise<TreeNode | undefined>;
  /** Content of a regular file, whole; more than `maxBytes` is an InputError. */
  read(maxBytes?: number): Promise<Uint8Array>;
  /** Content of a regular file of any size, to be read piece by piece. */
  content(): Promise<FileContent>;
  /** Target of a symlink. */
  readLink(): Promise<string>;
  /** Extended attributes by name, such as file capabilities; FAT has none. */
  xattrs(): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** An entry of a directory, not opened yet. */
export interface TreeChild {
  readonly name: string;
  open(): Promise<TreeNode>;
}

/** The content of a file. */
export interface FileContent {
  /** What of it lies on the volume, ascending; the rest is zeros. */
  readonly data: readonly ByteRange[];
  /** Bytes from `offsetBytes` on; zeros where there is no data. */
  read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
}

/** The default limit of `read`. */
export const DEFAULT_MAX_FILE_BYTES = 256 * 1024 * 1024;
