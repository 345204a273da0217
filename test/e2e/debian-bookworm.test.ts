import assert from 'node:assert/strict';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { defaultCacheDir } from '../../src/host.ts';
import { createExec } from '../../src/tools/exec.ts';
import { type CliResult, runCli } from '../helpers/cli.ts';

/**
 * The main job through the built CLI, on the base that Debian's packages alone make. The base comes from
 * wwanpi's own cache, or is made on the way when that is empty.
 */
describe('an image of debian-bookworm', () => {
  const exec = createExec({ signal: new AbortController().signal });
  const name = 'wwanpi-debian-bookworm-fast.metropcs.com';
  const options = ['--apn', 'fast.metropcs.com', '--hostname', 'gate', '--name', name];
  let folder = '';
  let out = '';
  let built: CliResult;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-e2e-'));
    await chmod(folder, 0o755);
    out = join(folder, 'out');
    built = await runCli(['build', '--base', 'debian-bookworm', ...options, '--output', out]);
    assert.equal(built.exitCode, 0, built.stderr);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('is there under its name, with manifest and checksums that hold', async () => {
    assert.deepEqual((await readdir(out)).sort(), ['SHA256SUMS', `${name}.img`, `${name}.manifest.json`]);
    const { stdout } = await exec(['sha256sum', '--strict', '--check', 'SHA256SUMS'], { cwd: out });
    assert.equal(stdout, `${name}.img: OK\n${name}.manifest.json: OK\n`);
    const { size, blocks } = await stat(join(out, `${name}.img`));
    assert.equal(size % 4096, 0);
    assert.ok(blocks * 512 < size * 0.8, 'the image is sparse');
    assert.match(built.stdout, /^SHA-256: {2}[0-9a-f]{64}$/m);
    assert.match(built.stdout, /sudo dd if=/);
  });

  test('has a manifest of what went in, every change and every tool', async () => {
    const manifest = JSON.parse(await readFile(join(out, `${name}.manifest.json`), 'utf8'));
    assert.match(built.stdout, new RegExp(`^SHA-256: {2}${manifest.image.sha256}$`, 'm'));
    assert.deepEqual(manifest.inputs.map((input: { name: string }) => input.name).slice(0, 2), [
      'debian-bookworm',
      'libqmi',
    ]);
    for (const input of manifest.inputs) assert.match(input.sha256, /^[0-9a-f]{64}$/);
    assert.match(manifest.tools.debugfs.version, /^debugfs \d/);
    const paths = manifest.changes.map((change: { path: string }) => change.path);
    for (const path of ['/etc/network/interfaces.d/wwan0', '/usr/bin/qmicli', '/etc/resolv.conf.head']) {
      assert.ok(paths.includes(path), path);
    }
  });

  test('passes inspect: held libqmi, the APN where it belongs, the unit ready', async () => {
    const result = await runCli(['inspect', '--json', join(out, `${name}.img`)]);
    assert.equal(result.exitCode, 0, result.stderr);
    const text = result.stdout;
    assert.match(text, /libqmi-utils/);
    assert.match(text, /APN=fast\.metropcs\.com \/usr\/bin\/flock .* \/usr\/bin\/qmi-network/);
    assert.match(text, /AT\^NDISDUP=1,1,\\"fast\.metropcs\.com\\"/);
    assert.match(text, /denyinterfaces wwan0/);
  });

  test('has packages dpkg and apt are content with, and hold on to', async () => {
    const root = join(folder, 'root');
    await mkdir(root);
    const image = join(out, `${name}.img`);
    const { partitiontable } = JSON.parse((await exec(['sfdisk', '--json', image])).stdout);
    const disk = `${image}?offset=${partitiontable.partitions[1].start * 512}`;
    for (const part of ['/var', '/usr', '/etc']) await exec(['debugfs', '-R', `rdump ${part} ${root}`, disk]);
    const dpkg = async (...args: string[]): Promise<string> =>
      (await exec(['dpkg', `--root=${root}`, '--admindir', `${root}/var/lib/dpkg`, ...args])).stdout;
    const ours = ['libqmi-glib5', 'libqmi-proxy', 'libqmi-utils'];
    assert.match(await dpkg('-l', ...ours), /^hi {2}libqmi-utils\S* +\S+wwanpi/m);
    assert.equal(await dpkg('--verify', ...ours), '');
    assert.equal(await dpkg('--audit'), '');
    const { stdout } = await exec([
      ...(['apt-mark', 'showhold', '-o', `Dir::State::status=${root}/var/lib/dpkg/status`] as const),
      ...['-o', 'APT::Architecture=armhf'],
    ]);
    assert.deepEqual(stdout.trim().split('\n').sort(), ours);
  });

  test('comes out byte for byte the same for another user with an empty cache', async (t) => {
    if (process.getuid?.() !== 0) return t.skip('needs root to become nobody');
    const home = join(folder, 'nobody');
    await mkdir(home);
    await chown(home, 65534, 65534);
    const base = join(home, 'base.img');
    await exec(['cp', '--sparse=always', await findBaseImage(), base]);
    const result = await runCli(['build', '--base', base, ...options, '--output', join(home, 'out')], {
      uid: 65534,
      cwd: home,
      env: { HOME: home, XDG_CACHE_HOME: join(home, 'cache') },
    });
    assert.equal(result.exitCode, 0, result.stderr);
    const compared = await exec(['cmp', join(out, `${name}.img`), join(home, 'out', `${name}.img`)], {
      okExitCodes: [1],
    });
    assert.equal(compared.stdout, '');
  });

  test('can be tried dry: the whole diff printed, nothing written', async () => {
    const dry = join(folder, 'dry');
    const result = await runCli([
      'build',
      '--base',
      'debian-bookworm',
      ...options,
      '--output',
      dry,
      '--dry-run',
    ]);
    assert.equal(result.exitCode, 0, result.stderr);
    assert.match(result.stdout, /\+ +.*\/etc\/network\/interfaces\.d\/wwan0/);
    assert.match(result.stdout, /^\s*\+denyinterfaces wwan0$/m);
    assert.ok(!(await readdir(folder)).includes('dry'));
  });

  test('leaves nothing when interrupted', async () => {
    const stopped = join(folder, 'stopped');
    for (const step of ['Plan', 'Copy', 'Write']) {
      const result = await runCli(['build', '--base', 'debian-bookworm', ...options, '--output', stopped], {
        onStderr: (text, kill) => {
          if (text.includes(`✓ ${step}`)) kill('SIGINT');
        },
      });
      assert.equal(result.exitCode, 130, `${step}: ${result.stderr}`);
      assert.deepEqual(await readdir(stopped).catch(() => []), [], step);
    }
  });
});

/** The base the first build used, in wwanpi's cache. */
async function findBaseImage(): Promise<string> {
  const bases = join(defaultCacheDir(), 'bases');
  const found = (await readdir(bases)).filter((entry) => entry.startsWith('debian-bookworm'));
  const dated = await Promise.all(
    found.map(async (entry) => ({ entry, at: (await stat(join(bases, entry))).mtimeMs })),
  );
  const newest = dated.sort((a, b) => b.at - a.at)[0];
  assert.ok(newest !== undefined);
  return join(bases, newest.entry, 'disk.img');
}
