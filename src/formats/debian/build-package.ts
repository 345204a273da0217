import { gzipSync } from 'node:zlib';
import type { BuiltPackage, PackageFile } from '../../core/model.ts';
import { formatMd5sums } from './deb.ts';
import { formatParagraph, type Paragraph } from './deb822.ts';

/** The source of a package; the rest of its control data is derived from it. */
export interface PackageSpec {
  readonly name: string;
  readonly version: string;
  readonly section: string;
  readonly multiArch?: 'same' | 'foreign';
  readonly source: string;
  readonly depends: readonly string[];
  readonly homepage: string;
  /** The first line is the synopsis, each further line a line of the description. */
  readonly description: readonly string[];
  /** Files and symlinks; their folders are added. */
  readonly files: readonly PackageFile[];
  readonly controlFiles?: ReadonlyMap<string, string>;
}

const MAINTAINER = 'wwanpi image builder <wwanpi@localhost>';

/** A whole package for armhf: control paragraph (deb-control(5)), folders, sums. */
export function buildPackage(spec: PackageSpec): BuiltPackage {
  const files = withFolders(spec.files);
  const fields: Paragraph = [
    ['Package', spec.name],
    ['Source', spec.source],
    ['Version', spec.version],
    ['Architecture', 'armhf'],
    ['Maintainer', MAINTAINER],
    ['Installed-Size', String(installedKib(files))],
    ...(spec.depends.length === 0 ? [] : [['Depends', spec.depends.join(', ')] as const]),
    ['Section', spec.section],
    ['Priority', 'optional'],
    ...(spec.multiArch === undefined ? [] : [['Multi-Arch', spec.multiArch] as const]),
    ['Homepage', spec.homepage],
    ['Description', spec.description.map((line, index) => (index === 0 ? line : ` ${line}`)).join('\n')],
  ];
  return {
    maker: 'wwanpi',
    name: spec.name,
    version: spec.version,
    architecture: 'armhf',
    control: formatParagraph(fields),
    files,
    md5sums: formatMd5sums(files),
    controlFiles: spec.controlFiles ?? new Map(),
  };
}

/** gzip as Debian requires for documentation: best compression, no name, no time; the same on every host. */
export function gzipText(text: string | Uint8Array): Uint8Array {
  const bytes = gzipSync(text, { level: 9 });
  bytes[9] = 3; // RFC 1952 §2.3.1: the operating system, which zlib sets to the host's
  return bytes;
}

function withFolders(files: readonly PackageFile[]): PackageFile[] {
  const entries = new Map<string, PackageFile>();
  for (const file of files) {
    const parts = file.path.split('/').slice(1, -1);
    parts.forEach((_, index) => {
      const path = `/${parts.slice(0, index + 1).join('/')}`;
      entries.set(path, { kind: 'directory', path, mode: 0o755 });
    });
    entries.set(file.path, file);
  }
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** deb-substvars(5), Installed-Size: each file's size in KiB rounded up, 1 for anything else. */
function installedKib(files: readonly PackageFile[]): number {
  return files.reduce(
    (sum, file) => sum + (file.kind === 'file' ? Math.ceil(file.content.length / 1024) : 1),
    0,
  );
}
