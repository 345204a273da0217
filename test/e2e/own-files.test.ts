import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createExec } from '../../src/tools/exec.ts';
import { runCli } from '../helpers/cli.ts';
import { buildPi, makeOwnFiles } from '../helpers/long-boots.ts';

/** A service, a package by name and one by file, and a script, through the built command; test/long boots such an image. */
describe("an image with one's own files", () => {
  const exec = createExec({ signal: new AbortController().signal });
  let folder = '';
  let options: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-own-'));
    options = await makeOwnFiles(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('has them where they belong, names every package, and repeats byte for byte', async () => {
    const image = await buildPi(folder, 'own', ...options);
    const { firstBoot, image: described } = JSON.parse(
      await readFile(join(folder, 'own.manifest.json'), 'utf8'),
    );
    assert.deepEqual(
      firstBoot.packages.map(({ name, from }: { name: string; from: string }) => `${name} ${from}`),
      ['own file', 'figlet archive', 'hello archive'],
    );
    assert.deepEqual(firstBoot.scripts, ['01-own.sh']);
    const sbom = JSON.parse(await readFile(join(folder, 'own.sbom.json'), 'utf8'));
    const names = sbom.components.map(({ name }: { name: string }) => name);
    for (const name of ['own', 'figlet', 'hello']) assert.ok(names.includes(name), name);
    const table = JSON.parse((await exec(['sfdisk', '--json', image])).stdout);
    const offset = table.partitiontable.partitions[1].start * 512;
    const look = async (command: string) =>
      (await exec(['debugfs', '-R', command, `${image}?offset=${offset}`])).stdout;
    assert.match(await look('stat /srv/app/run'), /Mode: {2}0755[\s\S]*User: {2}1000 {3}Group: {2}1000/);
    const packages = await look('ls -p /var/lib/wwanpi/first-boot/packages');
    for (const name of ['own_1_all.deb', 'figlet_', 'hello_']) assert.ok(packages.includes(`/${name}`), name);
    assert.match(
      await look('cat /etc/systemd/system/wwanpi-first-boot.service.d/own.conf'),
      /^Before=app\.service$/m,
    );
    await buildPi(folder, 'again', ...options);
    const again = JSON.parse(await readFile(join(folder, 'again.manifest.json'), 'utf8'));
    assert.equal(again.image.sha256, described.sha256);
  });

  test('a base that such an image is loses what it has no use for', async () => {
    const { stdout, exitCode, stderr } = await runCli([
      ...['build', '--base', join(folder, 'own.img'), '--apn', 'internet', '--no-login', '--dry-run'],
      ...['--output', join(folder, 'out')],
    ]);
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^- \/var\/lib\/wwanpi\/first-boot\/packages\/own_1_all\.deb/m);
    assert.match(stdout, /^- \/etc\/systemd\/system\/wwanpi-first-boot\.service /m);
  });

  test("what is wrong with a tree is said in wwanpi's words, before any work", async () => {
    const tree = join(folder, 'own-tree');
    await writeFile(join(tree, 'srv/app/a\nb'), '');
    const usual = [
      'build',
      '--base',
      'debian-bookworm',
      '--apn',
      'internet',
      '--no-login',
      '--output',
      folder,
    ];
    const { exitCode, stderr } = await runCli([...usual, '--extra-tree', tree]);
    assert.equal(exitCode, 2);
    assert.match(
      stderr,
      /--extra-tree ".*own-tree" has "srv\/app\/a\\u\{a\}b", a name with a control character/,
    );
    assert.doesNotMatch(stderr, /Host tools/);
  });
});
