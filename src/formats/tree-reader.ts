/**
 * Reads exactly `lengthBytes` bytes of a volume, at an offset from its start.
 * @throws InputError when the range is not inside the volume
 */
export type ReadBytes = (offsetBytes: number, lengthBytes: number) => Promise<Uint8Array>;

/** A file, directory or symlink inside a volume, the same for ext4 and FAT. */
export interface TreeNode {
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
  /** All entries of a directory, opened. For walks: `find` would read the directory again for each name. */
  children(): Promise<readonly TreeChild[]>;
  /** The entry of that name in a directory; FAT ignores case. */
  find(name: string): Promise<TreeNode | undefined>;
  /** Content of a regular file; more than `maxBytes` is an InputError. */
  read(maxBytes?: number): Promise<Uint8Array>;
  /** Target of a symlink. */
  readLink(): Promise<string>;
  /** Extended attributes by name, such as file capabilities; FAT has none. */
  xattrs(): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** An entry of a directory. */
export interface TreeChild {
  readonly name: string;
  readonly node: TreeNode;
}

/** The default limit of `read`. */
export const DEFAULT_MAX_FILE_BYTES = 256 * 1024 * 1024;
