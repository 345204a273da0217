import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createExec } from '../../src/tools/exec.ts';
import { runCli } from '../helpers/cli.ts';
import { findBaseDisk } from '../helpers/find-base.ts';
import { linkCache } from '../helpers/linked-cache.ts';
import { assertUntouched, makeVictim } from '../helpers/victim.ts';

/** Folders that wwanpi writes to on the host or in the image. Those with files in the base keep them. */
const FOLDERS = [
  ...['/usr/include/glib-2.0', '/usr/include/linux', '/usr/include/arm-linux-gnueabihf', '/usr/lib/gcc'],
  ...['/usr/lib/arm-linux-gnueabihf/pkgconfig', '/usr/lib/wwanpi'],
  ...['/etc/network/interfaces.d', '/etc/udev/rules.d', '/etc/systemd/system/wwanpi-ndisdup.service.d'],
  ...['/usr/share/doc/libqmi-utils', '/usr/share/man/man1', '/usr/share/bash-completion/completions'],
];

describe('a base that means harm', () => {
  const exec = createExec({ signal: new AbortController().signal });
  let folder = '';
  let cache = '';
  let victim = '';

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-hostile-'));
    cache = join(folder, 'cache');
    await linkCache(join(cache, 'wwanpi'));
    victim = await makeVictim(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** A copy of the base `debian-bookworm`, changed by lines of debugfs. */
  async function craft(name: string, lines: readonly string[]): Promise<string> {
    const image = join(folder, name);
    await exec(['cp', '--reflink=auto', '--sparse=always', await findBaseDisk('debian-bookworm'), image]);
    const script = join(folder, 'script');
    await writeFile(script, `${lines.join('\n')}\n`);
    await debugfs(image, ['-w', '-f', script]);
    // It counts the links to folders that are gone.
    await exec(['e2fsck', '-fy', await getVolume(image)], { okExitCodes: [1] });
    return image;
  }

  const getVolume = async (image: string) => {
    const { partitiontable } = JSON.parse((await exec(['sfdisk', '--json', image])).stdout);
    return `${image}?offset=${partitiontable.partitions[1].start * 512}`;
  };
  const debugfs = async (image: string, args: readonly string[]) =>
    exec(['debugfs', ...args, await getVolume(image)]);

  const build = (base: string, ...options: string[]) =>
    runCli(
      [
        'build',
        '--apn',
        'internet',
        '--base',
        base,
        '--name',
        'x',
        '--output',
        join(folder, 'out'),
        ...options,
      ],
      {
        env: { XDG_CACHE_HOME: cache },
      },
    );

  test('writes nothing on this machine by links in place of its folders', async () => {
    // /tmp is for itself: the way to the user's folder would go round in it. /etc/wwanpi and /usr/lib/wwanpi have a file
    // of one name, so the two never lead to one folder.
    for (const [index, folders] of [FOLDERS, ['/etc/wwanpi'], ['/tmp']].entries()) {
      const image = await craft(
        'links.img',
        folders.flatMap((path) => [`rmdir ${path}`, `symlink ${path} ${victim}`]),
      );
      const result = await build(image);
      assert.equal(result.exitCode, 0, result.stderr);
      await assertUntouched(victim);
      if (index > 0) continue;
      // In the image the links are followed, as on the Pi.
      const { stdout } = await debugfs(join(folder, 'out/x.img'), ['-R', `cat ${victim}/wwan0`]);
      assert.match(stdout, /iface wwan0 inet/);
    }
  });

  test('writes nothing on this machine by links beside its headers', async () => {
    const image = await craft('headers.img', [
      ...['cd /usr/include', `symlink glib-2.0 ${victim}`, `symlink linux ${victim}`],
      ...[`symlink arm-linux-gnueabihf ${victim}`, `symlink gio-unix-2.0 ${victim}`],
    ]);
    const result = await build(image, '--dry-run');
    assert.equal(result.exitCode, 0, result.stderr);
    assert.match(result.stderr, /✓ Sysroot .*\n[\s\S]*✓ libqmi check +3 ELF files fit; qmicli/);
    await assertUntouched(victim);
  });

  test('that cannot be used is refused before it is hashed, and before libqmi is compiled', async () => {
    const dhcp = join(folder, 'interfaces');
    await writeFile(dhcp, 'auto lo\niface lo inet loopback\niface eth0 inet dhcp\n');
    const image = await craft('interfaces.img', [
      'rm /etc/network/interfaces',
      `write ${dhcp} /etc/network/interfaces`,
    ]);
    const cases: [string, string[], RegExp][] = [
      [image, [], /iface eth0 inet dhcp/],
      [await craft('no-pi.img', ['rm /etc/passwd', 'rm /etc/shadow']), ['--password', 'x'], /no user pi/],
    ];
    const cut = join(folder, 'cut.img');
    await copyFile(image, cut);
    await truncate(cut, 500_000_000);
    cases.push([cut, [], /cut short/]);
    const empty = join(folder, 'empty-cache');
    await mkdir(empty);
    for (const [base, options, message] of cases) {
      const args = ['build', '--apn', 'internet', '--base', base, ...options];
      const result = await runCli(args, { cwd: folder, env: { XDG_CACHE_HOME: empty } });
      assert.equal(result.exitCode, 2, result.stderr);
      assert.match(result.stderr, message);
      assert.doesNotMatch(result.stderr, /SHA-256|Sysroot|libqmi (?:source|compile)/);
    }
    // The marks of runs are gone with them.
    const cached = (await readdir(join(empty, 'wwanpi'), { recursive: true }).catch(() => [])).sort();
    assert.deepEqual(
      cached.filter((name) => !/^(?:logs\b|tool-versions\.json$)/.test(name)),
      ['runs'],
    );
  });
});
