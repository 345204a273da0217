import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Context } from '../../src/core/context.ts';
import type { Exec, ExecResult } from '../../src/core/exec.ts';
import { packageRoot, readVersion } from '../../src/core/package.ts';
import { silentReporter } from '../../src/core/reporter.ts';
import { formatDeb822Sources } from '../../src/formats/debian/apt-sources.ts';
import { engineEnv } from '../../src/tools/container.ts';
import { openApt } from '../../src/tools/debian/apt.ts';
import { createExec } from '../../src/tools/exec.ts';
import { openContainerStore } from './container-store.ts';
import { copyAptLists, copyBaseEntry } from './linked-cache.ts';

/** Storage for container images of a test's own, with stand-ins for the two images the Dockerfile starts from. */
export interface BuilderImage {
  readonly folder: string;
  /** The environment in which buildah and podman use it. */
  readonly env: Readonly<Record<string, string>>;
  readonly exec: Exec;
  buildah(...args: string[]): Promise<ExecResult>;
  remove(): Promise<void>;
}

/** For what installs, compiles or makes a base, on a machine however busy. */
const HOURS_MS = 6 * 3_600_000;

/** With the names in the Dockerfile, so no registry is used. */
const DEBIAN_IMAGE = 'docker.io/library/debian:bookworm-slim';
const NODE_IMAGE = 'docker.io/library/node:22-bookworm-slim';

/** What podman calls the image that `--in podman` makes. */
export const BUILDER_IMAGE: string = `localhost/wwanpi:${readVersion()}`;

/**
 * Opens the storage, and makes the stand-ins where it lacks them: Debian's minimal system by mmdebstrap, with this machine's
 * way to its mirror, and the same with this machine's Node.js where the official image has it. The storage is kept for a week
 * (container-store.ts), so that the Dockerfile's packages are installed once. Needs root; takes half a minute the first time.
 */
export async function createBuilderImage(): Promise<BuilderImage> {
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-builder-image-'));
  const store = await openContainerStore([await realpath(process.execPath), process.version, DEBIAN_IMAGE]);
  const env = {
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    BUILDAH_ISOLATION: 'chroot',
  };
  await writeFile(
    env.CONTAINERS_STORAGE_CONF,
    `[storage]\ndriver = "overlay"\ngraphroot = "${store.graph}"\nrunroot = "${store.run}"\n`,
  );
  // No networks, control groups or resource limits of the container's own: a sandbox may not allow any of them.
  const limits = '"nofile=1024:1024", "nproc=4096:4096"';
  await writeFile(
    env.CONTAINERS_CONF,
    `[containers]\nnetns = "host"\ncgroups = "disabled"\ndefault_ulimits = [${limits}]\n`,
  );
  const exec = createExec({ signal: new AbortController().signal });
  const buildah = (...args: string[]) =>
    exec(['buildah', ...args], { env: { ...engineEnv(), ...env }, timeoutMs: HOURS_MS });
  const box: BuilderImage = {
    ...{ folder, env, exec, buildah },
    remove: async () => {
      // Containers are mounts, which keep their folders from being removed.
      await buildah('rm', '--all');
      await removeSources(buildah);
      await rm(folder, { recursive: true, force: true });
      store.close();
    },
  };
  try {
    // Of a run that was killed.
    await buildah('rm', '--all');
    await removeSources(buildah);
    if (!(await hasImage(box, DEBIAN_IMAGE))) await makeDebianImage(box);
    if (!(await hasImage(box, NODE_IMAGE))) await makeNodeImage(box);
  } catch (error) {
    await box.remove();
    throw error;
  }
  return box;
}

/** Builds the Dockerfile of this checkout with buildah and no engine. */
export async function buildBuilderImage(
  { exec, env }: BuilderImage,
  tag: string,
  ...options: string[]
): Promise<void> {
  const certificates = process.env.NODE_EXTRA_CA_CERTS;
  await exec(
    [
      ...(['buildah', 'build', '--isolation=chroot', '--network=host', '--layers', `--tag=${tag}`] as const),
      ...(certificates === undefined ? [] : [`--secret=id=ca-certificates,src=${certificates}`]),
      ...options,
      packageRoot,
    ],
    { env: { ...engineEnv(), ...env }, timeoutMs: HOURS_MS },
  );
}

async function hasImage({ buildah }: BuilderImage, name: string): Promise<boolean> {
  const { stdout } = await buildah('images', '--format={{.Name}}:{{.Tag}}');
  return stdout.split('\n').includes(name);
}

/**
 * Removes what has the project's own files in it, which the Dockerfile copies second, after package.json or Node.js. What is before
 * that serves the next run, and gets a name: without one it would go with the last image that is made of it.
 */
async function removeSources(buildah: BuilderImage['buildah']): Promise<void> {
  const { stdout } = await buildah('images', '--all', '--no-trunc', '--format={{.ID}} {{.Name}}');
  const own = new Set<string>();
  for (const line of stdout.split('\n').filter((each) => each !== '')) {
    const [id = '', name = ''] = line.split(/ +/);
    const { OCIv1 } = JSON.parse((await buildah('inspect', '--type=image', id)).stdout);
    const history: readonly { created_by?: string }[] = OCIv1.history ?? [];
    const copies = history.filter((entry) => /\bCOPY\b/.test(entry.created_by ?? ''));
    if (copies.length > 1) own.add(id);
    else if (name === '<none>') await buildah('tag', id, `localhost/wwanpi-layer:${id.slice(-12)}`);
  }
  if (own.size > 0) await buildah('rmi', '--force', ...own);
}

async function makeDebianImage(box: BuilderImage): Promise<void> {
  const tarball = join(box.folder, 'debian.tar');
  const architecture = (await box.exec(['dpkg', '--print-architecture'])).stdout.trim();
  const cacheDir = join(box.folder, 'cache');
  const context: Context = {
    ...{ exec: box.exec, signal: new AbortController().signal, report: silentReporter },
    ...{ cacheDir, tmpDir: box.folder },
  };
  const { sources, transport } = await openApt(context, {
    architecture,
    codename: 'bookworm',
    components: ['main'],
  });
  await box.exec(
    [
      ...(['mmdebstrap', '--mode=root', '--variant=minbase', `--architectures=${architecture}`] as const),
      ...transport.map((line) => `--aptopt=${line.replace(/;$/, '')}`),
      ...['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
      '--dpkgopt=force-unsafe-io',
      ...['bookworm', tarball, '-'],
    ],
    { input: formatDeb822Sources(sources, 'deb') },
  );
  const container = (await box.buildah('from', 'scratch')).stdout.trim();
  await box.buildah('add', '--quiet', container, tarball, '/');
  await commit(box, container, DEBIAN_IMAGE);
  await rm(tarball);
  await rm(cacheDir, { recursive: true });
}

async function makeNodeImage(box: BuilderImage): Promise<void> {
  const container = (await box.buildah('from', DEBIAN_IMAGE)).stdout.trim();
  const npm = dirname(dirname(await realpath((await box.exec(['which', 'npm'])).stdout.trim())));
  const modules = '/usr/local/lib/node_modules';
  const headers = join(await realpath(process.execPath), '../../include/node');
  await box.buildah('copy', '--quiet', container, await realpath(process.execPath), '/usr/local/bin/node');
  await box.buildah('copy', '--quiet', container, npm, `${modules}/npm`);
  await box.buildah('copy', '--quiet', container, headers, '/usr/local/include/node');
  const run = (...argv: string[]) =>
    box.buildah('run', '--isolation=chroot', '--network=host', container, '--', ...argv);
  await run('ln', '-s', `${modules}/npm/bin/npm-cli.js`, '/usr/local/bin/npm');
  await run('apt-get', 'update', '-qq');
  await run('apt-get', 'install', '-qq', '-y', '--no-install-recommends', 'libstdc++6');
  await commit(box, container, NODE_IMAGE);
}

async function commit(box: BuilderImage, container: string, name: string): Promise<void> {
  await box.buildah('commit', '--quiet', '--rm', container, name);
}

/**
 * A folder for a user of that number, with what root's wwanpi has in its cache to begin with: the base and the package lists.
 * @param disk the base's disk, as `wwanpi fetch` prints it
 */
export async function makeHome(box: BuilderImage, uid: number, disk: string): Promise<string> {
  const home = join(box.folder, `home-${uid}`);
  const cache = join(home, 'cache/wwanpi');
  await mkdir(join(home, 'work'), { recursive: true });
  await copyBaseEntry(box.exec, disk, cache);
  await copyAptLists(box.exec, cache);
  await box.exec(['chown', '-R', `${uid}:${uid}`, home]);
  return home;
}
