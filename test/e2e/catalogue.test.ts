import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCli } from '../helpers/cli.ts';
import { SAMPLE_IMAGES, writeReleaseFolder } from '../helpers/sample-fleet.ts';

const FLEET = `defaults: {base: debian-bookworm, compress: none, hostname: "pi-{name}"}
images:
  - carrier: us/metropcs
  - {name: lab, apn: internet, apn-user: me, apn-password: hunter2}
`;

const URL_BASE = 'https://example.org/images/';

describe('wwanpi catalogue', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-catalogue-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('a page of a real fleet: the same bytes each time, links that lead somewhere, no secret', async () => {
    await writeFile(join(folder, 'fleet.yaml'), FLEET);
    const args = [
      'fleet',
      join(folder, 'fleet.yaml'),
      '--output',
      join(folder, 'out'),
      '--url-base',
      URL_BASE,
    ];
    const fleet = await runCli(args);
    assert.equal(fleet.exitCode, 0, fleet.stderr);
    const made = await runCli(['catalogue', 'out'], { cwd: folder });
    assert.equal(made.exitCode, 0, made.stderr);
    assert.match(made.stdout, /^Catalogue: .*\/out\/index\.html \(2 images, \d+(\.\d)? kB\)\n$/);
    assert.equal(made.stderr, '');

    const page = await readFile(join(folder, 'out/index.html'), 'utf8');
    const files = [...page.matchAll(/href="([^"#:]+)"/g)].map((match) => decodeURIComponent(match[1] ?? ''));
    for (const file of ['us-metropcs.img', 'lab.manifest.json', 'SHA256SUMS', 'fleet.rpi-imager-manifest']) {
      assert.ok(files.includes(file), file);
    }
    for (const file of files) assert.ok((await stat(join(folder, 'out', file))).isFile(), file);
    const sums = await readFile(join(folder, 'out/SHA256SUMS'), 'utf8');
    const ofImages = sums.split('\n').filter((line) => / {2}(us-metropcs|lab)\./.test(line));
    assert.equal(ofImages.length, 8);
    for (const line of ofImages) assert.ok(page.includes(line.slice(0, 64)), line);
    assert.doesNotMatch(page, /hunter2/);

    await runCli(['catalogue', 'out'], {
      cwd: folder,
      env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'sv_SE.UTF-8' },
    });
    assert.equal(await readFile(join(folder, 'out/index.html'), 'utf8'), page);
    // The fleet goes on as if there were no page.
    const again = await runCli(args);
    assert.match(again.stdout, /^2 unchanged$/m);
  });

  test('--output, --title and --url-base', async () => {
    await writeReleaseFolder(join(folder, 'a b'), SAMPLE_IMAGES.slice(0, 1));
    const args = ['catalogue', 'a b', '--title', 'A & B', '--output'];
    const beside = await runCli([...args, 'page.html'], { cwd: folder });
    assert.equal(beside.exitCode, 0, beside.stderr);
    const page = await readFile(join(folder, 'page.html'), 'utf8');
    assert.match(page, /<h1>A &amp; B<\/h1>/);
    assert.match(page, /href="a%20b\/us-metropcs\.img\.xz"/);
    const deep = await runCli([...args, 'new/folder/page.html'], { cwd: folder });
    assert.equal(deep.exitCode, 0, deep.stderr);
    const further = await readFile(join(folder, 'new/folder/page.html'), 'utf8');
    assert.match(further, /href="\.\.\/\.\.\/a%20b\/us-metropcs\.img\.xz"/);
    await runCli([...args, 'far.html', '--url-base', 'https://example.org/i'], { cwd: folder });
    assert.match(
      await readFile(join(folder, 'far.html'), 'utf8'),
      /href="https:\/\/example\.org\/i\/us-metropcs\.img\.xz"/,
    );
  });

  test('a folder that is not a release is refused, and nothing is left behind', async () => {
    const broken = await writeReleaseFolder(join(folder, 'broken'), SAMPLE_IMAGES.slice(0, 2));
    await rm(join(broken, 'us-att.bmap'));
    const before = await readdir(broken);
    const cases: [string[], number, RegExp][] = [
      [[], 2, /FOLDER is missing/],
      [['none'], 2, /cannot read the folder .*none/],
      [[folder], 2, /has no finished image/],
      [['broken'], 5, /us-att\.bmap is not there/],
      [
        ['broken', '--title', '', '--url-base', 'x'],
        2,
        /- --title is empty\n {2}- --url-base must be an address/,
      ],
      [['broken', '--color'], 2, /color/],
    ];
    for (const [args, exitCode, message] of cases) {
      const result = await runCli(['catalogue', ...args], { cwd: folder });
      assert.equal(result.exitCode, exitCode, result.stderr);
      assert.match(result.stderr, message);
      assert.match(result.stderr, /→ |errors in the command line/);
      assert.equal(result.stdout, '');
    }
    assert.deepEqual(await readdir(broken), before);
    const folderAsPage = await runCli(['catalogue', 'a b', '--output', folder], { cwd: folder });
    assert.equal(folderAsPage.exitCode, 2);
    assert.match(folderAsPage.stderr, /is a folder/);
    for (const output of ['fleet.yaml/page.html', 'fleet.yaml/deep/page.html']) {
      const blocked = await runCli(['catalogue', 'a b', '--output', output], { cwd: folder });
      assert.equal(blocked.exitCode, 2, blocked.stderr);
      assert.match(blocked.stderr, /is a file/);
    }
  });
});
