import type { Architecture, StoredFile } from '../core/model.ts';

/** The user's own files, read and checked: plain values, and references to content that is kept for this run. */
export interface OwnFiles {
  /** The entries of all extra trees, sorted by path; a later tree's entry replaces an earlier one's. */
  readonly tree: readonly TreeEntry[];
  /** Owners of these entries; the last rule that fits an entry decides. */
  readonly owners: readonly OwnerRule[];
  /** In the order in which they were asked for, then what they need. */
  readonly packages: readonly OwnPackage[];
  /** In the order in which they run. */
  readonly scripts: readonly OwnScript[];
}

/** The content of one own file: in memory, or kept on this machine if it is large. */
export type OwnContent = Uint8Array | StoredFile;

/** A file, folder or symlink of an extra tree. `path` is absolute, as the Pi sees it. */
export type TreeEntry =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: OwnContent }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number };

/** A line of a `.wwanpi-owners` file. */
export interface OwnerRule {
  /** An absolute path, with `*`, `?` and `**` as patterns. */
  readonly pattern: string;
  /** A number, or a name that the base's /etc/passwd or /etc/group has. */
  readonly user: string;
  readonly group: string;
  /** Where it stands, for messages: `tree/.wwanpi-owners, line 3`. */
  readonly place: string;
}

/** A package that the Pi installs at its first start. */
export interface OwnPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: Architecture | 'all';
  /** Its name in the image: `hello_2.10-3_armhf.deb`. */
  readonly fileName: string;
  readonly content: OwnContent;
  readonly sha256: string;
  /** The paragraph of its control file. */
  readonly control: string;
  /** What it takes once it is unpacked. */
  readonly installedBytes: number;
  /** `file` for --package FILE.deb, `archive` for one that apt found. */
  readonly from: 'file' | 'archive';
}

/** A script that the Pi runs at its first start. */
export interface OwnScript {
  /** Its name in the image: `01-setup.sh`. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** What the user names, before it is read. Absolute paths. */
export interface OwnFilesRequest {
  readonly trees: readonly string[];
  readonly packageFiles: readonly string[];
  readonly packageNames: readonly string[];
  readonly scripts: readonly string[];
}

/** No own files at all. */
export const NO_OWN_FILES: OwnFiles = { tree: [], owners: [], packages: [], scripts: [] };
