import { chown, cp, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Context } from '../core/context.ts';
import { type AptSource, formatDeb822Sources, withoutCredentials } from '../formats/debian/apt-sources.ts';
import type { Apt } from '../tools/debian/apt.ts';
import { LEFT_OUT, type MakeRootOptions, makeRoot } from '../tools/debian/mmdebstrap.ts';
import { makeDebianInitramfs } from './debian-boot.ts';
import { copyOverlays, findOverlayFile, type RootFacts } from './debian-overlay.ts';
import type { DebianRecipe } from './debian-recipes.ts';

/**
 * Makes the root file system of the base in `folder`: Debian's packages, this project's overlays, and the user
 * pi with a locked password. It has no host keys or machine id, which must differ on every Pi. Needs root.
 * @param firmware names of raspi-firmware and Wi-Fi firmware; none if the mirror has no non-free-firmware
 */
export async function makeDebianRoot(
  apt: Apt,
  folder: string,
  facts: RootFacts,
  progress: Pick<MakeRootOptions, 'step' | 'totalPackages'> & { readonly firmware: readonly string[] },
): Promise<void> {
  const { recipe, epochSeconds } = facts;
  await makeRoot(apt, {
    ...progress,
    folder,
    packages: [
      ...recipe.packages,
      ...(recipe.unpacked === undefined ? [recipe.kernel, ...progress.firmware] : []),
    ],
    leftOut: listLeftOut(recipe),
    extractHook: findOverlayFile(recipe, 'hooks/extract.sh'),
    essentialHook: findOverlayFile(recipe, 'hooks/essential.sh'),
    epochSeconds,
  });
  progress.step.update('kernel and boot partition', {});
  await finishDebianRoot(apt, folder, facts);
}

/** Writes this machine's mirrors without credentials. Keys named by path are the image's own. */
export async function writeSources(folder: string, sources: readonly AptSource[]): Promise<void> {
  await rm(join(folder, 'etc/apt/sources.list'), { force: true });
  await rm(join(folder, 'etc/apt/sources.list.d'), { recursive: true, force: true });
  await mkdir(join(folder, 'etc/apt/sources.list.d'));
  const cleaned = sources.map((source) => ({
    ...source,
    uri: withoutCredentials(source.uri),
    signedBy: source.signedBy?.includes('\n')
      ? source.signedBy
      : '/usr/share/keyrings/debian-archive-keyring.gpg',
  }));
  await writeFile(join(folder, 'etc/apt/sources.list.d/debian.sources'), formatDeb822Sources(cleaned, 'deb'));
}

/** Configures the root after the packages are installed. */
async function finishDebianRoot(apt: Apt, folder: string, facts: RootFacts): Promise<void> {
  const { context } = apt;
  const { recipe, diskId, epochSeconds } = facts;
  await copyOverlays(recipe, folder);
  if (recipe.unpacked === undefined) await makeDebianInitramfs(context, folder, facts);
  await context.exec([findOverlayFile(recipe, 'hooks/customize.sh'), folder, ...recipe.services], {
    env: { SOURCE_DATE_EPOCH: String(epochSeconds) },
  });
  await collectCertificates(context, folder);
  await writeSettings(folder, recipe, diskId);
  await writeSources(folder, apt.configured);
  await removeTraces(folder);
  await leaveToFirstBoot(folder, epochSeconds);
}

/** Options of dpkg, also of the one on the Pi: what it does not unpack. */
function listLeftOut({ leftOutModules, unpacked }: DebianRecipe): string[] {
  // Not dpkg, but wwanpi unpacks the kernel.
  if (unpacked !== undefined) return LEFT_OUT;
  // Debian 12's kernel has its modules in /lib.
  const roots = ['/lib/modules', '/usr/lib/modules'];
  const drivers = leftOutModules.flatMap((path) =>
    roots.map((root) => `path-exclude=${root}/*/kernel/${path}/*`),
  );
  return [...LEFT_OUT, ...drivers];
}

/** Does the work of update-ca-certificates(8) on the host, because it takes a minute under emulation. */
async function collectCertificates(context: Context, folder: string): Promise<void> {
  const certs = join(folder, 'etc/ssl/certs');
  const scratch = join(folder, '..', 'certs');
  const list = await readFile(join(folder, 'etc/ca-certificates.conf'), 'utf8');
  const enabled = list.split('\n').filter((line) => /^[^#!\s]/.test(line));
  const bundle: string[] = [];
  await mkdir(scratch);
  for (const path of enabled) {
    const pem = (await readFile(join(folder, 'usr/share/ca-certificates', path), 'utf8')).trimEnd();
    const name = `${basename(path, '.crt').replaceAll(' ', '_').replaceAll(/[()]/g, '=').replaceAll(',', '_')}.pem`;
    bundle.push(`${pem}\n`);
    await writeFile(join(scratch, name), `${pem}\n`);
    await symlink(`/usr/share/ca-certificates/${path}`, join(certs, name));
  }
  await writeFile(join(certs, 'ca-certificates.crt'), bundle.join(''));
  // Each link is named by a hash of the subject and points to a file beside it.
  await context.exec(['openssl', 'rehash', scratch]);
  for (const entry of await readdir(scratch, { withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    await cp(join(scratch, entry.name), join(certs, entry.name), { verbatimSymlinks: true });
  }
  await rm(scratch, { recursive: true });
}

async function writeSettings(folder: string, recipe: DebianRecipe, diskId: string): Promise<void> {
  const files: Record<string, string> = {
    'etc/fstab': [
      'proc                  /proc  proc  defaults          0  0',
      `PARTUUID=${diskId}-01  ${recipe.bootFolder}  vfat  defaults          0  2`,
      `PARTUUID=${diskId}-02  /      ext4  defaults,noatime  0  1`,
      '',
    ].join('\n'),
    'etc/hostname': 'raspberrypi\n',
    'etc/hosts': [
      '127.0.0.1\tlocalhost',
      '::1\t\tlocalhost ip6-localhost ip6-loopback',
      'ff02::1\t\tip6-allnodes',
      'ff02::2\t\tip6-allrouters',
      '',
      '127.0.1.1\traspberrypi',
      '',
    ].join('\n'),
    'etc/resolv.conf': recipe.resolvConf,
    'etc/machine-id': '',
    'etc/dpkg/dpkg.cfg.d/wwanpi-base': `${listLeftOut(recipe).join('\n')}\n`,
  };
  for (const [path, content] of Object.entries(files)) {
    await rm(join(folder, path), { force: true });
    await writeFile(join(folder, path), content, { mode: 0o644 });
  }
  // As on Raspbian: wwan0, eth0 and wlan0 keep their kernel names.
  for (const name of ['99-default.link', '73-usb-net-by-mac.link']) {
    await symlink('/dev/null', join(folder, 'etc/systemd/network', name));
  }
}

async function removeTraces(folder: string): Promise<void> {
  const gone = [
    ...['etc/apt/apt.conf.d/99mmdebstrap', 'etc/dpkg/dpkg.cfg.d/99mmdebstrap', 'etc/.pwd.lock'],
    ...['passwd-', 'group-', 'shadow-', 'gshadow-', 'subuid-', 'subgid-'].map((name) => `etc/${name}`),
    ...['var/cache/ldconfig/aux-cache', 'var/lib/dbus/machine-id', 'var/lib/systemd/random-seed'],
  ];
  for (const path of gone) await rm(join(folder, path), { force: true });
  for (const path of ['var/log', 'var/cache/apt', 'var/lib/apt/lists', 'var/cache/debconf', 'run', 'tmp']) {
    await removeFiles(join(folder, path));
  }
}

/** Removes files but keeps their folders and owners; apt's folders keep `partial`. */
async function removeFiles(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isDirectory()) await rm(join(entry.parentPath, entry.name), { force: true });
  }
}

/**
 * Files that systemd-tmpfiles(8) and mmdebstrap make only if they may mount /proc and /dev, which a container forbids.
 * The Pi makes all of them at boot. They are removed so that the base is the same wherever it is built.
 */
const MADE_AT_BOOT = [
  ...[
    'dev',
    'run',
    'root/.ssh',
    'var/cache/private',
    'var/lib/private',
    'var/log/private',
    'var/log/journal',
  ],
  ...['var/lib/systemd/coredump', 'var/lib/systemd/pstore', 'etc/mtab'],
];

async function leaveToFirstBoot(folder: string, epochSeconds: number): Promise<void> {
  for (const path of MADE_AT_BOOT) await rm(join(folder, path), { recursive: true, force: true });
  for (const path of ['dev', 'run']) await mkdir(join(folder, path), { mode: 0o755 });
  await symlink('../proc/self/mounts', join(folder, 'etc/mtab'));
  // With this folder, the journal survives a reboot (journald.conf(5), Storage=auto).
  await mkdir(join(folder, 'var/log/journal'), { mode: 0o755 });
  // apt gives them to its own user if it can.
  for (const path of ['var/cache/apt/archives/partial', 'var/lib/apt/lists/partial']) {
    await chown(join(folder, path), 0, 0);
  }
  for (const path of ['', ...MADE_AT_BOOT.map((name) => dirname(name)), 'dev', 'run', 'var/log/journal']) {
    await utimes(join(folder, path), epochSeconds, epochSeconds);
  }
}
