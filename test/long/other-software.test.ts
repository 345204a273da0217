import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentReporter } from '../../src/core/reporter.ts';
import { DPKG_STATUS } from '../../src/formats/config/base-text.ts';
import { NEIGHBOURS_RULE } from '../../src/formats/config/neighbours.ts';
import { installedPackages } from '../../src/formats/debian/installed-packages.ts';
import { defaultCacheDir } from '../../src/host/with-run.ts';
import { openDisk } from '../../src/image/open-disk.ts';
import type { TimedEvent } from '../../src/modem/events.ts';
import { withApt } from '../../src/tools/debian/apt.ts';
import { downloadPackages, resolvePackages } from '../../src/tools/debian/apt-packages.ts';
import { createExec } from '../../src/tools/exec.ts';
import { runCli } from '../helpers/cli.ts';
import { bootPi, buildPi } from '../helpers/long-boots.ts';
import { attachLoop, loopsMissing } from '../helpers/loop.ts';

/**
 * What a user does on the Pi: `apt install modemmanager network-manager` on a finished image, by its own apt under
 * emulation. Afterwards ModemManager runs, and the Pi is online by wwanpi as before.
 */
test('ModemManager and NetworkManager are installed by apt, run, and leave the modem to wwanpi', async (t) => {
  const missing = loopsMissing();
  if (missing !== undefined) return t.skip(missing);
  const { signal } = new AbortController();
  const exec = createExec({ signal });
  const folder = await mkdtemp(join(tmpdir(), 'wwanpi-other-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const context = { exec, report: silentReporter, signal, cacheDir: defaultCacheDir(), tmpDir: folder };
  const image = await buildPi(folder, 'image');
  const { offsetBytes } = (await openDisk(image)).layout.root;
  const root = join(folder, 'root');
  await mkdir(root);
  const device = attachLoop(t, image, { args: ['--offset', String(offsetBytes)] });
  await exec(['mount', device, root]);
  try {
    const installed = installedPackages(await readFile(join(root, DPKG_STATUS), 'utf8'));
    const options = { architecture: 'armhf', codename: 'bookworm', components: ['main'] };
    const debs = await withApt(context, options, async (apt) => {
      const wanted = await resolvePackages(apt, ['modemmanager', 'network-manager']);
      const news = wanted.filter(({ name }) => !installed.has(name));
      return downloadPackages(
        apt,
        news.map(({ name, version }) => `${name}=${version}`),
      );
    });
    await mkdir(join(root, 'debs'));
    for (const { path, fileName } of debs) await copyFile(path, join(root, 'debs', fileName));
    const inRoot = async (...argv: string[]): Promise<string> => {
      const view = ['--bind', root, '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/run'];
      const env = ['--clearenv', '--setenv', 'PATH', '/usr/sbin:/usr/bin:/sbin:/bin'];
      const frontend = ['--setenv', 'DEBIAN_FRONTEND', 'noninteractive', '--setenv', 'LC_ALL', 'C.UTF-8'];
      return (await exec(['bwrap', '--cap-add', 'ALL', ...view, ...env, ...frontend, ...argv])).stdout;
    };
    const paths = debs.map(({ fileName }) => `/debs/${fileName}`);
    await inRoot('apt-get', 'install', '-y', '--no-install-recommends', ...paths);
    assert.equal(await inRoot('dpkg', '--audit'), '');
    await inRoot('apt-get', 'check');
    assert.match(await inRoot('dpkg', '-l', 'libqmi-glib5'), /^hi {2}libqmi-glib5:armhf +\S+wwanpi/m);
    assert.match(await inRoot('ModemManager', '--version'), /^ModemManager 1\./m);
    await rm(join(root, 'debs'), { recursive: true });
  } finally {
    await exec(['umount', root]);
  }
  await bootPi(t, image, 'online');
  const console = await readFile(join(`${image}-online`, 'console.log'), 'utf8');
  for (const unit of ['Modem Manager', 'Network Manager'])
    assert.match(console, new RegExp(`Started .*${unit}`));
  const events = await readEvents(`${image}-online`);
  assert.equal(events.find(isOfModemManager), undefined);

  // The same without wwanpi's rule: ModemManager takes the modem, and by the time that the boot above was over.
  const bare = join(folder, 'bare.img');
  await copyFile(image, bare, constants.COPYFILE_FICLONE);
  await exec(['debugfs', '-w', '-R', `rm ${NEIGHBOURS_RULE}`, `${bare}?offset=${offsetBytes}`]);
  const control = await runCli(['boot', bare, '--keep', join(folder, 'control')]);
  t.diagnostic(control.stdout);
  const taken = (await readEvents(join(folder, 'control'))).find(isOfModemManager);
  t.diagnostic(`without the rule: ${JSON.stringify(taken)}`);
  assert.ok(taken !== undefined && taken.t < (events.at(-1)?.t ?? 0), JSON.stringify(events.at(-1)));
});

async function readEvents(folder: string): Promise<TimedEvent[]> {
  const lines = (await readFile(join(folder, 'events.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as TimedEvent);
}

/** What it asks a modem that it finds (src/mm-port-probe.c, plugins/huawei), and nothing of wwanpi's does. */
function isOfModemManager(event: TimedEvent): boolean {
  return event.type === 'at' && /^AT(?:\+CGMI|\+GMI|I$|\+GCAP|\^GETPORTMODE)/.test(event.command);
}
