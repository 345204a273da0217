import type { Disk } from '../core/model.ts';
import { type AptSource, parseDeb822Sources, parseOneLineSources } from '../formats/debian/apt-sources.ts';
import { type ImageTree, listFolder, readText, withImageTree } from '../image/image-tree.ts';

/** The archives that a base's own apt asks, and the keys it trusts. */
export interface BaseSources {
  readonly sources: readonly AptSource[];
  /** Key files of the base by their paths: those that sources name, and apt's default ones. */
  readonly keyrings: ReadonlyMap<string, Uint8Array>;
}

const LIST = '/etc/apt/sources.list';
const PARTS = '/etc/apt/sources.list.d';
const TRUSTED = '/etc/apt/trusted.gpg';
const TRUSTED_PARTS = '/etc/apt/trusted.gpg.d';
const MAX_TEXT_BYTES = 1024 * 1024;
const MAX_FILES = 200;

/** Reads the sources.list(5) files of a base and their keys (apt-secure(8)). Everything in them is a foreign text. */
export async function readBaseSources(disk: Disk): Promise<BaseSources> {
  return withImageTree(disk, async (tree) => {
    const names = await listParts(tree, PARTS);
    const texts = await Promise.all(
      [LIST, ...names.map((name) => `${PARTS}/${name}`)].map(async (path) => {
        const text = (await readText(tree, path, MAX_TEXT_BYTES)) ?? '';
        if (path.endsWith('.list')) return parseOneLineSources(text);
        return path.endsWith('.sources') ? parseDeb822Sources(text) : [];
      }),
    );
    const sources = texts.flat();
    const trusted = (await listParts(tree, TRUSTED_PARTS)).map((name) => `${TRUSTED_PARTS}/${name}`);
    const named = sources.flatMap(({ signedBy }) => listKeyFiles(signedBy));
    const keyrings = new Map<string, Uint8Array>();
    for (const path of new Set([TRUSTED, ...trusted, ...named])) {
      // Debian 13 and Raspberry Pi OS name them .pgp, in sources only (apt-secure(8)).
      if (!/\.(gpg|asc)$/.test(path) && !(path.endsWith('.pgp') && !isTrusted(path))) continue;
      const { node } = await tree.locate(path, 'follow');
      if (node?.kind === 'file') keyrings.set(path, await node.read(MAX_TEXT_BYTES));
    }
    return { sources, keyrings };
  });
}

/** The key files that a Signed-By names; none for an embedded key. */
export function listKeyFiles(signedBy: string | undefined): string[] {
  if (signedBy === undefined || signedBy.includes('-----BEGIN')) return [];
  return signedBy.split(/[\s,]+/).filter((word) => word !== '');
}

/** Whether a key file is one that apt trusts for sources without Signed-By. */
export function isTrusted(path: string): boolean {
  return path === TRUSTED || path.startsWith(`${TRUSTED_PARTS}/`);
}

async function listParts(tree: ImageTree, path: string): Promise<string[]> {
  const names = await listFolder(tree, path);
  // The names that apt itself reads.
  return names
    .filter((name) => /^[\w.-]+$/.test(name))
    .sort()
    .slice(0, MAX_FILES);
}
