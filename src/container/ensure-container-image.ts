import { access, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { readVariable } from '../core/environment.ts';
import { BugError } from '../core/errors.ts';
import { packageRoot, readVersion } from '../core/package.ts';
import { buildContainerImage, type Engine, readImageLabels } from '../tools/container.ts';
import { hashFolder } from '../tools/files/folder-hash.ts';
import { hashFile, sha256Text } from '../tools/files/hash.ts';

/** The label with the hash of the sources that an image was built from. */
const SOURCES_LABEL = 'wwanpi.sources';

/** The sources of the image, as far as they exist; .dockerignore excludes everything else. */
export const CONTAINER_SOURCES: readonly string[] = [
  ...['Dockerfile', '.dockerignore', 'package.json', 'package-lock.json', '.npmrc', 'tsconfig.json'],
  ...[
    'scripts/bundle-program.ts',
    'scripts/bundle-page.ts',
    'src',
    'stage',
    'dist',
    'overlays',
    'examples',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
  ],
];

/**
 * Builds the builder image of this version from the package's Dockerfile if the engine does not have it, or has one
 * of other sources. This takes minutes once, and needs the network.
 * @returns the image's name
 * @throws ToolFailedError when the engine cannot build it
 */
export async function ensureContainerImage(context: Context, engine: Engine): Promise<string> {
  const version = readVersion();
  // Podman names its own images localhost/…, and looks up a bare name in registries.
  const tag = engine === 'podman' ? `localhost/wwanpi:${version}` : `wwanpi:${version}`;
  const sources = await hashSources();
  const labels = await readImageLabels(context.exec, engine, tag);
  if (labels?.[SOURCES_LABEL] === sources) return tag;
  const done = context.report.step('Container image', { note: 'takes minutes, once' });
  await buildContainerImage(context, engine, {
    tag,
    folder: packageRoot,
    labels: { [SOURCES_LABEL]: sources },
    secrets: await findSecrets(),
  });
  done(tag);
  return tag;
}

async function hashSources(): Promise<string> {
  const hashes: string[] = [];
  const isCheckout = (await stat(join(packageRoot, 'src')).catch(() => undefined)) !== undefined;
  for (const name of CONTAINER_SOURCES) {
    const path = join(packageRoot, name);
    const found = await stat(path).catch(() => undefined);
    // In a checkout the image is built from the sources, so an older dist/ does not matter.
    if (found === undefined || (isCheckout && name === 'dist')) continue;
    hashes.push(`${name} ${found.isDirectory() ? await hashFolder(path) : await hashFile(path)}`);
  }
  if (!hashes.some((line) => line.startsWith('Dockerfile '))) {
    throw new BugError('the package has no Dockerfile: the installation is incomplete');
  }
  return sha256Text(hashes.join('\n'));
}

/** How npm reaches its registry on this machine: its settings, and the extra certificates that Node trusts. */
async function findSecrets(): Promise<Record<string, string>> {
  const wanted = {
    npmrc: readVariable('NPM_CONFIG_USERCONFIG') ?? join(homedir(), '.npmrc'),
    'ca-certificates': readVariable('NODE_EXTRA_CA_CERTS') ?? '',
  };
  const found: Record<string, string> = {};
  for (const [id, path] of Object.entries(wanted)) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) found[id] = path;
  }
  return found;
}
