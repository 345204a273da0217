import { createHash } from 'node:crypto';
import type { Architecture, BuiltPackage, FileChange, InputRecord, OsRelease } from '../core/model.ts';
import type { ToolStatus } from '../host/host-tools.ts';
import type { OwnFiles } from '../recipe/own-files.ts';

/** The contents of a manifest. The same inputs give the same values; there is no build time. */
export interface ManifestInputs {
  readonly wwanpiVersion: string;
  readonly image: { readonly file: string; readonly sizeBytes: number; readonly sha256: string };
  readonly os: OsRelease & { readonly architecture?: Architecture };
  readonly inputs: readonly InputRecord[];
  /** The user's options; secrets are replaced by the caller. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly tools: readonly ToolStatus[];
  readonly packages: readonly BuiltPackage[];
  /** What the Pi installs and runs at its first start. */
  readonly firstBoot?: Pick<OwnFiles, 'packages' | 'scripts'>;
  readonly sourceDateEpoch: number;
  readonly changes: readonly FileChange[];
}

/** The manifest as JSON: inputs with hashes, options without secrets, tool versions and every change. */
export function formatManifest(manifest: ManifestInputs): string {
  const document = {
    format: 1,
    wwanpi: manifest.wwanpiVersion,
    image: manifest.image,
    os: manifest.os,
    sourceDateEpoch: manifest.sourceDateEpoch,
    options: manifest.options,
    inputs: manifest.inputs,
    packages: manifest.packages.map(({ name, version, architecture }) => ({ name, version, architecture })),
    firstBoot: describeFirstBoot(manifest.firstBoot ?? { packages: [], scripts: [] }),
    tools: Object.fromEntries(
      manifest.tools.map(({ tool, version }) => [tool.program, { package: tool.debianPackage, version }]),
    ),
    changes: manifest.changes.map(describeChange),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function describeFirstBoot({ packages, scripts }: Pick<OwnFiles, 'packages' | 'scripts'>) {
  return {
    packages: packages.map(({ name, version, architecture, sha256, from }) => ({
      ...{ name, version, architecture, sha256, from },
    })),
    scripts: scripts.map(({ name }) => name),
  };
}

/** Describes a change without its content: enough to find and check it, and nothing secret. */
export function describeChange(change: FileChange): Record<string, unknown> {
  const kind = change.kind === 'copy' ? 'file' : change.kind;
  const common = { path: change.path, kind, stage: change.stage };
  switch (change.kind) {
    case 'file':
      return {
        ...common,
        ...describeMeta(change),
        ...(change.secret === true
          ? { secret: true }
          : {
              sizeBytes: change.content.length,
              sha256: createHash('sha256').update(change.content).digest('hex'),
            }),
      };
    case 'copy': {
      const { sizeBytes, sha256 } = change.source;
      return { ...common, ...describeMeta(change), sizeBytes, sha256 };
    }
    case 'directory':
      return { ...common, ...describeMeta(change) };
    case 'symlink':
      return { ...common, target: change.target };
    case 'move':
      return { ...common, from: change.from };
    case 'remove':
      return common;
  }
}

function describeMeta(meta: { mode: number; uid: number; gid: number }): Record<string, unknown> {
  return { mode: `0${meta.mode.toString(8)}`, uid: meta.uid, gid: meta.gid };
}
