import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { withCopy } from '../../src/boot/boot-copy.ts';
import { prepareBoot } from '../../src/boot/boot-image.ts';
import type { BootRequest } from '../../src/boot/boot-request.ts';
import { runBoot } from '../../src/boot/run-boot.ts';
import type { Scenario } from '../../src/boot/scenario.ts';
import { findScenario } from '../../src/boot/scenarios.ts';
import type { Context } from '../../src/core/context.ts';
import type { Disk } from '../../src/core/model.ts';
import { silentReporter } from '../../src/core/reporter.ts';
import type { CardKey } from '../../src/formats/card-settings/keys.ts';
import { openDisk } from '../../src/image/open-disk.ts';
import { clearDirtyMark } from '../../src/tools/disk/fat.ts';
import { copyPartitionOut } from '../../src/tools/disk/partition-copy.ts';
import { createExec } from '../../src/tools/exec.ts';
import { cutVolume, listVolumeWrites, readVolumes, type VolumeFile } from '../helpers/cut-volumes.ts';
import { buildPi } from '../helpers/long-boots.ts';
import { createRandom } from '../helpers/mutate.ts';
import { withSharedCache } from '../helpers/small-guest.ts';
import { type Cut, type LoggedWrite, planCut, readWrite, readWriteLog } from '../helpers/write-log.ts';

/** `CUTS=1000 CUT_SEED=7` cuts more often, elsewhere. */
const CUTS = Number(process.env.CUTS ?? 200);
const SEED = Number(process.env.CUT_SEED ?? 1);
/** So many of the cut disks are booted. */
const BOOTS = Number(process.env.CUT_BOOTS ?? 3);

const NEW_VALUES = new Map<CardKey, string>([
  ['apn', 'apn.on.the.card'],
  ['user', 'anna'],
  ['password', 'Typed#On9Card'],
  ['auth', 'chap'],
  ['pin', '90472615'],
  ['dns', '9.9.9.9'],
  ['metric', '77'],
  ['hostname', 'name-on-card'],
  ['timezone', 'Europe/Berlin'],
]);

/** What the settings' unit reads and writes. */
const FOLDERS = ['/etc', '/usr/lib/wwanpi', '/var/lib/wwanpi', '/usr/share/zoneinfo/Europe'];
/** What the rest of a boot writes there. */
const OTHERS =
  /\/(ssh_host_.*|resolv\.conf(\.bak)?|resolvconf_resolvers\.conf|machine-id|adjtime|mtab|ndisdup\.done|.*-|\.pwd\.lock|\.updated)$/;
const STATE = '/var/lib/wwanpi/';
const COMMIT = `${STATE}card-settings.commit/`;

/**
 * One boot takes the edited wwanpi.txt over while QEMU logs every write and flush of the disk. A power cut is a seeded
 * prefix of this log, of which the writes since the last flush may be there, be lost, or be there in part. Whatever it
 * leaves, the settings are the old ones, or the new ones, or a whole redo log is there; then the script makes them the new.
 */
describe('a power cut while wwanpi.txt is taken over', () => {
  let folder = '';
  let context: Context;
  let disk: Disk;
  let request: BootRequest;
  let writes: readonly LoggedWrite[] = [];
  let old = new Map<string, VolumeFile>();
  let done = new Map<string, VolumeFile>();
  /** Cuts to boot from. */
  const boots: Cut[] = [];
  /** The files that the change is about. */
  let changed: readonly string[] = [];
  const at = (name: string) => join(folder, name);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wwanpi-cuts-'));
    const { signal } = new AbortController();
    const exec = createExec({ signal });
    context = withSharedCache({ exec, report: silentReporter, signal, cacheDir: '', tmpDir: folder });
    disk = await openDisk(process.env.CUT_IMAGE ?? (await buildPi(folder, 'cut')));
    await record();
    const { root, boot } = disk.layout;
    await copyPartitionOut(at('base.img'), root, at('base-root'));
    await copyPartitionOut(at('base.img'), boot, at('base-boot'));
    old = await readVolumes(at('base-root'), at('base-boot'), FOLDERS);
    const end = { at: writes.length, durable: writes.length, partial: new Map() };
    await makeVolumes('work', 'base');
    await applyTo('work', end);
    await repair('work');
    done = await readVolumes(at('work-root'), at('work-boot'), FOLDERS);
    changed = [...new Set([...old.keys(), ...done.keys()])]
      .filter((path) => !OTHERS.test(path) && !path.startsWith(STATE) && !isSame(old, done, path))
      .filter((path) => !path.startsWith('/boot/wwanpi-status'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Boots a copy of the image, in which wwanpi.txt is edited, and keeps the disk of before and the log. */
  async function record(): Promise<void> {
    const usual = findScenario('auth') as Scenario;
    const { boot, card } = await prepareBoot(context, {
      imagePath: disk.path,
      diskPath: disk.path,
      scenario: {
        ...usual,
        network: { ...usual.network, pin: 'expected' },
        machine: { ...usual.machine, set: Object.fromEntries(NEW_VALUES) },
      },
      apn: undefined,
      timeoutMs: 360_000,
      wallTimeoutMs: 3_600_000,
      logFolder: folder,
    });
    request = { ...boot, diskPath: at('base.img') };
    await withCopy(context, disk, card, async (copy) => {
      await context.exec(['cp', '--sparse=always', copy.path, at('base.img')]);
      await writeFile(at('writes.log'), '');
      const cutPower = { after: 'settings', ms: 20_000 } as const;
      const logged = { keepWrites: true, writeLogPath: at('writes.log'), cutPower };
      const { verdict } = await runBoot(context, { ...request, ...logged, diskPath: copy.path });
      assert.ok(verdict.passed, verdict.summary);
    });
    writes = await readWriteLog(at('writes.log'));
  }

  async function makeVolumes(name: string, from: string): Promise<void> {
    for (const volume of ['root', 'boot'])
      await context.exec(['cp', '--sparse=always', at(`${from}-${volume}`), at(`${name}-${volume}`)]);
  }

  async function applyTo(name: string, cut: Cut, from = 0): Promise<void> {
    for (const volume of ['root', 'boot'] as const) {
      const own = listVolumeWrites(writes, disk.layout[volume]);
      await cutVolume(at(`${name}-${volume}`), at('writes.log'), own, cut, from);
    }
  }

  /** Replays the journal as the kernel does; then e2fsck and fsck.fat find nothing, but for the mark of a volume in use. */
  async function repair(name: string): Promise<void> {
    const env = { E2FSCK_TIME: String(2 ** 31 - 1) };
    await context.exec(['e2fsck', '-y', '-E', 'journal_only', at(`${name}-root`)], { env, okExitCodes: [1] });
    // Files that were deleted while open, and the counts, which ext4 writes last: the kernel does the same at the mount.
    const { stdout } = await context.exec(['e2fsck', '-fy', at(`${name}-root`)], { env, okExitCodes: [1] });
    assert.doesNotMatch(
      stdout,
      /Multiply|Unattached|Invalid|illegal|bad|corrupt|Unconnected|Salvage/i,
      stdout,
    );
    await context.exec(['e2fsck', '-fn', at(`${name}-root`)], { env });
    await clearDirtyMark(at(`${name}-boot`));
    await context.exec(['fsck.fat', '-n', at(`${name}-boot`)]);
  }

  /** From the first write about the change to the last. */
  async function findWindow(): Promise<{ first: number; last: number }> {
    const log = await open(at('writes.log'), 'r');
    try {
      const about: number[] = [];
      for (const [index, write] of writes.entries()) {
        if (write.lengthBytes === 0) continue;
        const data = await readWrite(log, write);
        if (data.includes('card-settings.new') || data.includes('(stored)')) about.push(index);
      }
      return { first: about[0] ?? 0, last: about.at(-1) ?? 0 };
    } finally {
      await log.close();
    }
  }

  test(`leaves old or new settings, or a whole redo log: ${CUTS} times`, async (t) => {
    assert.ok(changed.includes('/etc/network/interfaces.d/wwan0') && changed.length > 6, changed.join(' '));
    const { first, last } = await findWindow();
    t.diagnostic(`${writes.length} writes and flushes; the change is in those from ${first} to ${last}`);
    const random = createRandom(SEED);
    const moments = Array.from({ length: CUTS }, () => first - 10 + random(last - first + 30));
    const cuts = moments
      .sort((a, b) => a - b)
      .map((moment) => planCut(writes, Math.min(Math.max(moment, 1), writes.length), random));
    const found = { old: 0, log: 0, new: 0 };
    await makeVolumes('work', 'base');
    let durable = 0;
    for (const [index, cut] of cuts.entries()) {
      // What is there for good grows from cut to cut.
      await applyTo('work', { at: cut.durable, durable: cut.durable, partial: new Map() }, durable);
      durable = cut.durable;
      await makeVolumes('cut', 'work');
      await applyTo('cut', cut, durable);
      await repair('cut');
      const files = await readVolumes(at('cut-root'), at('cut-boot'), FOLDERS);
      const where = `cut ${index} before write ${cut.at}`;
      found[classify(files, where)] += 1;
      await redo(files, where);
      if (index % Math.ceil(CUTS / BOOTS) === Math.floor(CUTS / BOOTS / 2)) boots.push(cut);
    }
    t.diagnostic(
      `${found.old} with the old settings, ${found.log} with a redo log, ${found.new} with the new`,
    );
    assert.ok(found.old > 0 && found.log > 0 && found.new > 0);
  });

  test(`and the Pi comes online with the new ones: ${BOOTS} times`, async () => {
    for (const cut of boots.slice(0, BOOTS)) {
      await context.exec(['cp', '--sparse=always', at('base.img'), at('booted.img')]);
      await cutVolume(at('booted.img'), at('writes.log'), writes, cut);
      const { verdict } = await runBoot(context, { ...request, diskPath: at('booted.img') });
      assert.ok(verdict.passed, `cut before write ${cut.at}: ${verdict.summary}`);
    }
  });

  /** Which settings a disk has; never a mixture. */
  function classify(files: ReadonlyMap<string, VolumeFile>, where: string): 'old' | 'log' | 'new' {
    const own = changed.filter((path) => path.startsWith('/etc/') || path.startsWith('/usr/'));
    if (files.has(`${COMMIT}list`)) {
      for (const path of own)
        assert.ok(isSame(files, old, path) || isSame(files, done, path), `${where}: ${path} is half written`);
      for (const [, number, path = ''] of (files.get(`${COMMIT}list`)?.text ?? '').matchAll(
        /^put (\d+) (.*)$/gm,
      ))
        assert.equal(files.get(`${COMMIT}${number}`)?.text, done.get(path)?.text, `${where}: log of ${path}`);
      return 'log';
    }
    const stale = own.filter((path) => !isSame(files, done, path));
    if (stale.length === 0) return 'new';
    for (const path of own)
      assert.ok(isSame(files, old, path), `${where}: a mixture: ${path} is new, ${stale.join(' ')} are not`);
    return 'old';
  }

  /** The next start: the image's own script, on what is left, in a simulated root. */
  async function redo(files: ReadonlyMap<string, VolumeFile>, where: string): Promise<void> {
    const pi = at('pi');
    await rm(pi, { recursive: true, force: true });
    for (const path of ['run', 'proc/sys/kernel', 'bin', 'var/lib/wwanpi'])
      await mkdir(join(pi, path), { recursive: true });
    // The host's own would write this machine's disks out, too.
    await writeFile(join(pi, 'bin/sync'), '#!/bin/sh\n');
    await chmod(join(pi, 'bin/sync'), 0o755);
    for (const [path, file] of files) {
      await mkdir(dirname(join(pi, path)), { recursive: true });
      if (file.meta.startsWith('symlink')) await symlink(file.text, join(pi, path));
      else await writeFile(join(pi, path), file.text, { encoding: 'latin1', mode: modeOf(file) });
    }
    const env = { WWANPI_ROOT: pi, WWANPI_PATH: `${join(pi, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin` };
    const { stdout } = await context.exec(['bash', join(pi, 'usr/lib/wwanpi/card-settings')], { env });
    for (const path of changed) {
      const wanted = done.get(path);
      const is = await readPath(join(pi, path));
      assert.deepEqual(
        is,
        wanted && { text: wanted.text, mode: modeOf(wanted) },
        `${where}: ${path}; ${stdout}`,
      );
    }
    for (const left of [COMMIT, `${STATE}card-settings.new`]) assert.ok(!existsSync(join(pi, left)), left);
  }
});

/** What a path of the simulated root has; undefined where there is nothing. */
async function readPath(path: string): Promise<{ text: string; mode: number } | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return undefined;
  const text = stats.isSymbolicLink() ? await readlink(path) : await readFile(path, 'latin1');
  return { text, mode: path.includes('/boot/') ? 0o755 : stats.mode & 0o777 };
}

function modeOf({ meta }: VolumeFile): number {
  return Number.parseInt(meta.split(' ')[1] ?? '', 8);
}

function isSame(
  one: ReadonlyMap<string, VolumeFile>,
  other: ReadonlyMap<string, VolumeFile>,
  path: string,
): boolean {
  return one.get(path)?.text === other.get(path)?.text && one.get(path)?.meta === other.get(path)?.meta;
}
