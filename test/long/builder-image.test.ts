import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  BUILDER_IMAGE,
  type BuilderImage,
  buildBuilderImage,
  createBuilderImage,
  makeHome,
} from '../helpers/builder-image.ts';
import { runCli } from '../helpers/cli.ts';
import { explainNoPodman, runCliWithPodman } from '../helpers/podman.ts';

const UID = 1234;
const needsRoot =
  process.getuid?.() === 0 ? false : 'needs root: buildah and mmdebstrap without user namespaces';

/**
 * The engine itself dates folders it makes or copies into, unless it is told: BuildKit calls it rewrite-timestamp. All that
 * the packages and the Dockerfile's own commands leave is the same without.
 */
const TIMES = '--timestamp=1767225600';

/** What of the container takes too long for every run of the tests. */
describe('the builder image, at length', { skip: needsRoot }, () => {
  let box: BuilderImage;
  let why: string | undefined;

  before(async () => {
    box = await createBuilderImage();
    await buildBuilderImage(box, BUILDER_IMAGE, TIMES);
    why = await explainNoPodman(box);
  });
  after(() => box?.remove());

  test('built again from nothing, it has the same layers', async () => {
    const again = `${BUILDER_IMAGE}-again`;
    await buildBuilderImage(box, again, '--no-cache', TIMES);
    assert.deepEqual(await layersOf(again), await layersOf(BUILDER_IMAGE));
  });

  async function layersOf(image: string): Promise<string[]> {
    const { stdout } = await box.buildah('inspect', '--type=image', image);
    return JSON.parse(stdout).OCIv1.rootfs.diff_ids;
  }

  test("root of a container with no more than its defaults makes the base that the host's root makes", async () => {
    const made = await runCli(['fetch', '--base', 'debian-bookworm']);
    assert.equal(made.exitCode, 0, made.stderr);
    const home = await makeHome(box, UID, made.stdout.trim());
    const bases = join(home, 'cache/wwanpi/bases');
    await rm(bases, { recursive: true });
    const container = (await box.buildah('from', BUILDER_IMAGE)).stdout.trim();
    await box.buildah(
      ...['run', '--isolation=chroot', '--network=host', '--user=0:0', `--volume=${home}/cache:/cache`],
      ...[container, '--', 'node', '/opt/wwanpi/dist/src/cli.js', 'fetch', '--base', 'debian-bookworm'],
    );
    const [name = ''] = await readdir(bases);
    const ofHost = join(made.stdout.trim(), '../disk.sha256');
    assert.equal(await readFile(join(bases, name, 'disk.sha256'), 'utf8'), await readFile(ofHost, 'utf8'));
    // What root made belongs to the owner of the cache.
    assert.equal((await stat(join(bases, name, 'disk.img'))).uid, UID);
  });

  test('a fleet, and a boot test of one of its images', async (t) => {
    if (why !== undefined) return t.skip(why);
    const folder = join(box.folder, 'fleet');
    await mkdir(folder);
    const file = join(folder, 'fleet.yaml');
    await writeFile(
      file,
      [
        'defaults:',
        '  base: debian-bookworm',
        '  password-env: FLEET_PASSWORD',
        'images:',
        '  - carrier: us/metropcs',
        '  - apn: internet',
        '    name: plain',
      ].join('\n'),
    );
    const out = join(folder, 'out');
    const env = { FLEET_PASSWORD: 'correct horse' };
    const made = await runCliWithPodman(box, ['fleet', file, '--output', out, '--in', 'podman', '--json'], {
      env,
    });
    assert.equal(made.exitCode, 0, made.stderr);
    const { entries } = JSON.parse(made.stdout);
    assert.deepEqual(
      entries.map(({ verdict }: { verdict: string }) => verdict),
      ['built', 'built'],
    );
    const report = join(folder, 'reports/boot.xml');
    const options = ['--in', 'podman', '--report', report];
    const booted = await runCliWithPodman(box, ['boot', join(out, 'plain.img'), ...options]);
    assert.equal(booted.exitCode, 0, booted.stdout + booted.stderr);
    assert.match(await readFile(report, 'utf8'), /<testsuite /);
  });
});
