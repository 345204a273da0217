import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readVersion } from '../../src/core/package.ts';
import { HOST_TOOLS } from '../../src/host/host-tools.ts';
import {
  BUILDER_IMAGE,
  type BuilderImage,
  buildBuilderImage,
  createBuilderImage,
  makeHome,
} from '../helpers/builder-image.ts';
import { findBaseDisk } from '../helpers/find-base.ts';
import { findPlainImage, PLAIN_BUILD, PLAIN_NAME } from '../helpers/plain-image.ts';
import { explainNoPodman, runCliWithPodman } from '../helpers/podman.ts';

const UID = 1234;
const needsRoot =
  process.getuid?.() === 0 ? false : 'needs root: buildah and mmdebstrap without user namespaces';

/**
 * The Dockerfile built by buildah with no engine, and wwanpi run in it as an ordinary user that nobody has heard of; then
 * the same through `--in podman`. debian:bookworm-slim and node:22-bookworm-slim are stand-ins made here.
 */
describe('wwanpi in a container', { skip: needsRoot }, () => {
  let box: BuilderImage;
  let container = '';
  let home = '';
  const run = (...argv: string[]) =>
    box.buildah(
      ...['run', '--isolation=chroot', '--network=host', `--user=${UID}:${UID}`],
      ...[`--volume=${home}/cache:/cache`, `--volume=${home}/work:/work`, container, '--', ...argv],
    );

  before(async () => {
    box = await createBuilderImage();
    await buildBuilderImage(box, BUILDER_IMAGE);
    container = (await box.buildah('from', BUILDER_IMAGE)).stdout.trim();
    home = await makeHome(box, UID, await findBaseDisk('debian-bookworm'));
  });
  after(() => box?.remove());

  test('the image starts wwanpi, as an ordinary user, in /work', async () => {
    const { stdout } = await box.buildah('inspect', '--type=image', BUILDER_IMAGE);
    const { config } = JSON.parse(stdout).OCIv1;
    assert.equal(config.User, '1000:1000');
    assert.equal(config.WorkingDir, '/work');
    assert.ok(config.Env.includes('XDG_CACHE_HOME=/cache'));
    const started = await run(...config.Entrypoint, '--version');
    assert.equal(started.stdout.trim(), readVersion());
  });

  test('has every host tool, and nothing of how it was built', async () => {
    const { stdout } = await run('node', '/opt/wwanpi/dist/src/cli.js', 'doctor');
    for (const { program } of HOST_TOOLS) assert.match(stdout, new RegExp(`${program}\\b.*\\d`), program);
    const gone = ['/run/secrets', '/opt/wwanpi/src', '/opt/wwanpi/node_modules/typescript'];
    const left = await run('node', '-p', `${JSON.stringify(gone)}.filter((path) => fs.existsSync(path))`);
    assert.equal(left.stdout.trim(), '[]');
    const folders = ['/var/lib/apt/lists', '/var/cache/apt', '/var/log', '/tmp'];
    const asRoot = ['run', '--isolation=chroot', '--user=0:0', container, '--'];
    assert.equal((await box.buildah(...asRoot, 'find', ...folders, '-type', 'f')).stdout, '');
  });

  test('builds an image that is the caller’s, byte for byte the one of the host', async (t) => {
    const built = await run('node', '/opt/wwanpi/dist/src/cli.js', ...PLAIN_BUILD);
    assert.match(built.stdout, /^SHA-256: +[0-9a-f]{64}$/m);
    const out = join(home, 'work/out');
    assert.deepEqual((await readdir(out)).sort(), (await readdir(await findPlainImage())).sort());
    for (const name of await readdir(out)) assert.equal((await stat(join(out, name))).uid, UID, name);
    await compare(box, out, (text) => t.diagnostic(text));
  });

  describe('through --in podman', () => {
    let why: string | undefined;
    before(async () => {
      why = await explainNoPodman(box);
    });

    test('the image is built when it is missing, and the files are the same again', async (t) => {
      if (why !== undefined) return t.skip(why);
      const out = join(box.folder, 'podman');
      const result = await runCliWithPodman(box, [...PLAIN_BUILD, '--output', out, '--in', 'podman']);
      assert.equal(result.exitCode, 0, result.stderr);
      assert.match(result.stderr, /✓ Container image/);
      assert.match(result.stdout, new RegExp(`^Image: +${out}/${PLAIN_NAME}\\.img`, 'm'));
      await compare(box, out, (text) => t.diagnostic(text));
      const again = await runCliWithPodman(box, [
        ...PLAIN_BUILD,
        '--output',
        out,
        '--in',
        'podman',
        '--dry-run',
      ]);
      assert.equal(again.exitCode, 0, again.stderr);
      assert.doesNotMatch(again.stderr, /✓ Container image/);
    });

    test('files are mounted by themselves, secrets go by the environment, the exit code comes back', async (t) => {
      if (why !== undefined) return t.skip(why);
      const broken = join(box.folder, 'broken.img');
      await box.exec(['truncate', '--size=1M', broken]);
      const out = join(box.folder, 'never/made');
      const result = await runCliWithPodman(box, [
        ...['build', '--base', broken, '--apn', 'internet', '--password', 'correct horse', '--output', out],
        ...['--in', 'podman'],
      ]);
      assert.equal(result.exitCode, 2, result.stderr);
      assert.match(result.stderr, /broken\.img/);
      assert.match(result.stderr, /failed in the container \(exit code 2\)/);
      assert.deepEqual(
        (await readdir(box.folder)).filter((name) => name === 'never'),
        [],
      );
    });

    test('an interrupt gets in, and nothing is left', async (t) => {
      if (why !== undefined) return t.skip(why);
      const out = join(box.folder, 'stopped');
      const list = async () =>
        (await box.exec(['podman', 'ps', '--all', '--quiet'], { env: box.env })).stdout;
      // Those of a run that was killed: the storage is kept.
      const before = await list();
      const result = await runCliWithPodman(box, [...PLAIN_BUILD, '--output', out, '--in', 'podman'], {
        onStderr: (text, kill) => {
          if (text.includes('✓ Plan')) kill('SIGTERM');
        },
      });
      assert.equal(result.exitCode, 130, result.stderr);
      assert.deepEqual(
        (await readdir(box.folder)).filter((name) => name === 'stopped'),
        [],
      );
      assert.equal(await list(), before);
    });
  });
});

/** They fetch, unpack, hash and generate text; what they make does not depend on their version. */
const NO_MATTER = ['apt-get', 'dpkg-deb', 'openssl', 'python3', 'tar', 'xz', 'unshare', 'setpriv'];

/** The manifests say which tools made the image; where those that write its bytes are the same, so must the bytes be. */
async function compare({ exec }: BuilderImage, out: string, report: (text: string) => void): Promise<void> {
  const host = await findPlainImage();
  const [ofHost, ofContainer] = await Promise.all(
    [host, out].map(async (each) =>
      JSON.parse(await readFile(join(each, `${PLAIN_NAME}.manifest.json`), 'utf8')),
    ),
  );
  const names = Object.keys(ofHost.tools);
  const differ = names.filter((name) => ofHost.tools[name].version !== ofContainer.tools[name]?.version);
  const files = [join(host, `${PLAIN_NAME}.img`), join(out, `${PLAIN_NAME}.img`)] as const;
  const { stdout } = await exec(['cmp', ...files], { okExitCodes: [1] });
  report(
    `other versions: ${differ.join(', ') || 'none'}; the images are ${stdout === '' ? 'the same' : 'not the same'}`,
  );
  if (differ.some((name) => !NO_MATTER.includes(name))) return;
  assert.equal(stdout, '');
  assert.deepEqual({ ...ofContainer, tools: {} }, { ...ofHost, tools: {} });
}
