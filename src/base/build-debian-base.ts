import { mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../core/context.ts';
import { InputError } from '../core/errors.ts';
import type { InputRecord } from '../core/model.ts';
import { formatSudoCommand } from '../core/package.ts';
import { cached, type Proof } from '../host/cache.ts';
import { ensureArmPrograms } from '../tools/binfmt.ts';
import { type Apt, withApt } from '../tools/debian/apt.ts';
import { findPackage, resolvePackages } from '../tools/debian/apt-packages.ts';
import {
  checkFileSystems,
  copyIntoFat,
  makeExt4,
  makeFat,
  type PartitionPlace,
  writePartitionTable,
} from '../tools/disk/mkfs.ts';
import { formatArgv } from '../tools/exec.ts';
import { hashFile, sha256Text } from '../tools/files/hash.ts';
import { moveDebianBoot } from './debian-boot.ts';
import { hashOverlays } from './debian-overlay.ts';
import type { DebianRecipe } from './debian-recipes.ts';
import { makeDebianRoot } from './debian-root.ts';
import type { FetchBaseOptions } from './fetch-download.ts';
import type { BuiltBase } from './named-base.ts';
import { downloadBootPackages, findKernel, makeUnpackedBoot } from './unpacked-boot.ts';

/** A base that was built here; `fetchBase` returns it. */
export interface BuiltDisk {
  readonly name: string;
  readonly diskPath: string;
  readonly input: InputRecord;
  readonly imgSha256: string;
  /** Its folder in the cache if it was there before; not checked against its SHA-256 yet. */
  readonly cacheEntry: string | undefined;
}

const IMG_NAME = 'disk.img';
const HASH_NAME = 'disk.sha256';
const MIB = 1024 * 1024;
/** As on Raspbian Lite: the first partition begins at sector 8192, and sizes are multiples of 4 MiB. */
const ALIGN_BYTES = 4 * MIB;
const FREE_BYTES = 256 * MIB;

const FIRMWARE = ['raspi-firmware', 'firmware-brcm80211'];

/**
 * Takes a base from the cache if its packages have not changed; otherwise builds it from the
 * machine's Debian mirror in a few minutes. Building needs root; taking it from the cache does not.
 * @throws InputError when root is needed, NetworkError when the mirror cannot be reached.
 */
export async function buildDebianBase(
  context: Context,
  base: BuiltBase,
  { onBuild }: Pick<FetchBaseOptions, 'onBuild'> = {},
): Promise<BuiltDisk> {
  const { architecture, codename } = base.recipe;
  const options = { architecture, codename, components: ['main', 'non-free-firmware'] };
  return withApt(context, options, async (apt) => {
    const plan = await planBase(apt, base.recipe);
    const produce = async (folder: string) => {
      await assertCanBuild(apt, base);
      onBuild?.(apt);
      await buildBase(apt, base, plan, folder);
    };
    const { path, hit } = await cached(context, 'bases', `${base.name}-${plan.key}`, produce, FACTS);
    const imgSha256 = (await readFile(join(path, HASH_NAME), 'utf8')).trim();
    return {
      name: base.name,
      diskPath: join(path, IMG_NAME),
      input: { name: base.name, sha256: imgSha256, origin: plan.origin, pinned: false },
      imgSha256,
      cacheEntry: hit ? path : undefined,
    };
  });
}

/** `withProvenBase` checks the disk itself. */
const FACTS: Proof = {
  seal: async () => undefined,
  findFault: async (folder) => {
    const hash = await readFile(join(folder, HASH_NAME), 'utf8').catch(() => '');
    if (!/^[0-9a-f]{64}\n$/.test(hash)) return `${HASH_NAME} is missing or damaged`;
    const found = await stat(join(folder, IMG_NAME)).catch(() => undefined);
    return found?.isFile() ? undefined : `${IMG_NAME} is missing`;
  },
};

interface BasePlan {
  /** Hash of everything that determines the base. */
  readonly key: string;
  readonly origin: string;
  /** Names of raspi-firmware and Wi-Fi firmware, as far as the mirror has them. */
  readonly firmware: readonly string[];
  /** How many packages the root has. */
  readonly totalPackages: number;
  /** With its version, where it is not dpkg's. */
  readonly unpackedKernel?: string;
}

async function planBase(apt: Apt, recipe: DebianRecipe): Promise<BasePlan> {
  if (recipe.unpacked !== undefined) return planUnpacked(apt, recipe);
  const firmware = (await findFirmware(apt)).map(({ name }) => name);
  const wanted = ['?essential', ...recipe.packages, recipe.kernel, ...firmware];
  const packages = await resolvePackages(apt, wanted);
  const ingredients = {
    recipe,
    packages: packages.map((entry) => `${entry.name}=${entry.version} ${entry.sha256}`),
    sources: apt.configured.map((source) => [source.suite, source.components]),
    overlays: await hashOverlays(recipe),
    epochSeconds: apt.epochSeconds,
  };
  // Beside the empty package of the recipe.
  const kernel = packages.find(({ name }) => /^linux-image-\d/.test(name));
  return {
    key: sha256Text(JSON.stringify(ingredients)).slice(0, 32),
    origin: `Debian ${apt.codename}, ${packages.length} packages, ${kernel?.name} ${kernel?.version}`,
    firmware,
    totalPackages: packages.length,
  };
}

/** The kernel's and the firmware's packages are not installed. */
async function planUnpacked(apt: Apt, recipe: DebianRecipe): Promise<BasePlan> {
  const packages = await resolvePackages(apt, ['?essential', ...recipe.packages, 'busybox-static']);
  const kernelPackage = await findKernel(apt, recipe.kernel);
  const firmwarePackages = (await findFirmware(apt)).map(({ name, version }) => `${name}=${version}`);
  const ingredients = {
    recipe: recipe.version,
    packages: packages.map((entry) => `${entry.name}=${entry.version} ${entry.sha256}`),
    kernelPackage,
    firmwarePackages,
    sources: apt.configured.map((source) => [source.suite, source.components]),
    // Without the overlay's name, as when there was one only: the bases in people's caches stay what they are.
    overlay: (await hashOverlays(recipe)).map((line) => line.slice(line.indexOf('/') + 1)),
    epochSeconds: apt.epochSeconds,
  };
  return {
    key: sha256Text(JSON.stringify(ingredients)).slice(0, 32),
    origin: `Debian ${apt.codename}, ${packages.length} packages, ${kernelPackage.replace('=', ' ')}`,
    firmware: firmwarePackages,
    // Without busybox-static, which is for the initramfs.
    totalPackages: packages.length - 1,
    unpackedKernel: kernelPackage,
  };
}

/** Those of `FIRMWARE` that the mirror has. */
async function findFirmware(apt: Apt): Promise<{ readonly name: string; readonly version: string }[]> {
  const found: { name: string; version: string }[] = [];
  for (const name of FIRMWARE) {
    const version = await findPackage(apt, name);
    if (version !== undefined) found.push({ name, version });
  }
  return found;
}

async function assertCanBuild({ context }: Apt, base: BuiltBase): Promise<void> {
  if (process.getuid?.() !== 0) {
    const fetch = formatArgv(
      formatSudoCommand(['fetch', '--base', base.name, '--cache-dir', context.cacheDir]),
    );
    throw new InputError(`${base.name} is not in the cache, and only root can build it`, {
      hint: `once, as root and into the same cache: ${fetch}; where builds run in a container: wwanpi fetch --base ${base.name} --in docker`,
    });
  }
  await ensureArmPrograms(context, base.recipe.architecture);
}

async function buildBase(apt: Apt, base: BuiltBase, plan: BasePlan, folder: string): Promise<void> {
  const { context } = apt;
  if (!plan.firmware.some((name) => name.startsWith('raspi-firmware'))) {
    context.report.warn(
      'the Debian mirror has no raspi-firmware (component non-free-firmware): the image boots in QEMU only',
    );
  }
  const done = context.report.step('Debian base', { note: 'takes minutes, once' });
  // Derived from the inputs, so that the same inputs give the same bytes.
  const diskId = plan.key.slice(0, 8);
  const facts = { recipe: base.recipe, diskId, epochSeconds: apt.epochSeconds };
  const folders = {
    root: join(folder, 'root'),
    boot: join(folder, 'boot'),
    scratch: join(folder, 'scratch'),
  };
  const { unpackedKernel } = plan;
  const { unpacked } = base.recipe;
  await makeDebianRoot(apt, folders.root, facts, { step: done, ...plan });
  if (unpacked !== undefined && unpackedKernel !== undefined) {
    const packages = await downloadBootPackages(apt, unpackedKernel, plan.firmware);
    await makeUnpackedBoot(apt, packages, folders, { ...facts, unpacked });
  } else {
    await moveDebianBoot(folders.root, folders.boot, facts);
  }
  done.update('disk image', {});
  const image = join(folder, IMG_NAME);
  await assembleDebianDisk(context, image, folders, { ...facts, uuid: asUuid(sha256Text(plan.key)) });
  await writeFile(join(folder, HASH_NAME), `${await hashFile(image, context.signal)}\n`);
  for (const path of Object.values(folders)) await rm(path, { recursive: true });
  done(plan.origin);
}

/** Makes a partitioned image of the two folders. The root gets free space, inode tables and a journal; sizes are rounded as in Raspbian's images. */
export async function assembleDebianDisk(
  context: Context,
  image: string,
  folders: { root: string; boot: string; scratch: string },
  facts: { recipe: DebianRecipe; diskId: string; uuid: string; epochSeconds: number },
): Promise<void> {
  const { bootBytes } = facts.recipe;
  const { stdout } = await context.exec(['du', '--summarize', '--block-size=1', folders.root]);
  await mkdir(folders.scratch, { recursive: true });
  const contentBytes = Number.parseInt(stdout, 10);
  const rootBytes = alignUp((contentBytes + FREE_BYTES) * 1.08 + 20 * MIB);
  const boot: PartitionPlace = { offsetBytes: ALIGN_BYTES, sizeBytes: bootBytes };
  const root: PartitionPlace = { offsetBytes: ALIGN_BYTES + bootBytes, sizeBytes: rootBytes };
  await writeFile(image, '');
  await truncate(image, root.offsetBytes + root.sizeBytes);
  await makeFat(context, image, boot, { label: 'boot', serial: facts.diskId });
  await copyIntoFat(context, image, boot, folders.boot, facts.epochSeconds);
  await makeExt4(context, image, root, {
    label: 'rootfs',
    uuid: facts.uuid,
    folder: folders.root,
    epochSeconds: facts.epochSeconds,
  });
  await writePartitionTable(context, image, { diskId: facts.diskId, boot, root });
  await checkFileSystems(context, image, { boot, root }, join(folders.scratch, 'boot.img'));
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES;
}

/** An RFC 9562 version 8 UUID, made of the first 128 bits of a hash. */
function asUuid(hash: string): string {
  return hash.replace(
    /^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/,
    (_all, a, b, c, d, e) => `${a}-${b}-8${c}-8${d}-${e}`,
  );
}
