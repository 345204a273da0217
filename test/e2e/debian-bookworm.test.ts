import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BMAP_BLOCK_BYTES, countMapped, parseBmap } from '../../src/formats/release-files/bmap.ts';
import { createExec } from '../../src/tools/exec.ts';
import { type CliResult, runCli } from '../helpers/cli.ts';
import { compileCycloneDxSchema } from '../helpers/cyclonedx.ts';
import { findBaseDisk } from '../helpers/find-base.ts';

/**
 * The main job through the built CLI, on the base that Debian's packages alone make. The base comes from
 * wwanpi's own cache, or is made on the way when that is empty. That another user gets the same bytes with a damaged cache or
 * none is in damaged-cache.test.ts and container.test.ts.
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
    const key = ['-p', join(folder, 'key.pub'), '-s', join(folder, 'key')] as const;
    await exec(['minisign', '-G', '-W', ...key]);
    const sign = ['--sign', join(folder, 'key')];
    built = await runCli(['build', '--base', 'debian-bookworm', ...options, ...sign, '--output', out]);
    assert.equal(built.exitCode, 0, built.stderr);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('is there under its name, with release files and checksums that hold', async () => {
    const files = ['bmap', 'img', 'manifest.json', 'sbom.json'].map((suffix) => `${name}.${suffix}`);
    assert.deepEqual((await readdir(out)).sort(), ['SHA256SUMS', 'SHA256SUMS.minisig', ...files]);
    const { stdout } = await exec(['sha256sum', '--strict', '--check', 'SHA256SUMS'], { cwd: out });
    assert.equal(stdout, files.map((file) => `${file}: OK\n`).join(''));
    await exec(['minisign', '-V', '-p', join(folder, 'key.pub'), '-m', join(out, 'SHA256SUMS')]);
    const { size, blocks } = await stat(join(out, `${name}.img`));
    assert.equal(size % 4096, 0);
    assert.ok(blocks * 512 < size * 0.8, 'the image is sparse');
    assert.match(built.stdout, /^SHA-256: +[0-9a-f]{64}$/m);
    assert.match(built.stdout, /sudo dd if=/);
  });

  test('has a block map by which bmaptool makes a card whose file systems are whole', async () => {
    const card = join(folder, 'card');
    const image = join(out, `${name}.img`);
    const copied = await exec(['bmaptool', 'copy', image, card]);
    assert.match(copied.stderr, /using bmap file '.*fast\.metropcs\.com\.bmap'/);
    const { partitiontable } = JSON.parse((await exec(['sfdisk', '--json', card])).stdout);
    await exec(['e2fsck', '-fn', `${card}?offset=${partitiontable.partitions[1].start * 512}`]);
    const compared = await runCli(['diff', image, card]);
    assert.equal(compared.exitCode, 0, compared.stdout);
    const { ranges } = parseBmap(await readFile(join(out, `${name}.bmap`), 'utf8'));
    assert.ok(countMapped(ranges) * BMAP_BLOCK_BYTES < (await stat(image)).size * 0.7);
    await rm(card);
  });

  test('has an SBOM that CycloneDX accepts, with the packages it has', async () => {
    const bom: {
      metadata: { component: { hashes: { content: string }[] } };
      components: { purl?: string }[];
    } = JSON.parse(await readFile(join(out, `${name}.sbom.json`), 'utf8'));
    const validate = compileCycloneDxSchema();
    assert.ok(validate(bom), JSON.stringify(validate.errors));
    const purls = bom.components.map(({ purl }) => purl ?? '');
    assert.ok(purls.some((purl) => /^pkg:deb\/debian\/libc6@[^?]+\?arch=armhf&distro=bookworm$/.test(purl)));
    assert.ok(purls.some((purl) => /^pkg:deb\/wwanpi\/libqmi-utils@/.test(purl)));
    const manifest = JSON.parse(await readFile(join(out, `${name}.manifest.json`), 'utf8'));
    assert.equal(bom.metadata.component.hashes[0]?.content, manifest.image.sha256);
  });

  test('differs from its base in what the manifest says, and in nothing else', async () => {
    const base = await findBaseDisk('debian-bookworm');
    const compared = await runCli(['diff', '--json', base, join(out, `${name}.img`)]);
    assert.equal(compared.exitCode, 1, compared.stderr);
    const { files, layout } = JSON.parse(compared.stdout);
    const manifest = JSON.parse(await readFile(join(out, `${name}.manifest.json`), 'utf8'));
    const planned = new Set(manifest.changes.map((change: { path: string }) => change.path));
    const found: string[] = files.map((file: { path: string }) => file.path);
    // Folders on the way to a file are made as needed.
    const unplanned = found.filter(
      (path) => !planned.has(path) && !found.some((other) => other.startsWith(`${path}/`)),
    );
    assert.deepEqual(unplanned, []);
    assert.deepEqual(layout, []);
    assert.ok(found.includes('/etc/network/interfaces.d/wwan0'));
  });

  test('has a manifest of what went in, every change and every tool', async () => {
    const manifest = JSON.parse(await readFile(join(out, `${name}.manifest.json`), 'utf8'));
    assert.match(built.stdout, new RegExp(`^SHA-256: +${manifest.image.sha256}$`, 'm'));
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
    assert.match(text, /APN=fast\.metropcs\.com \/usr\/lib\/wwanpi\/dial start/);
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
