import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../../src/core/context.ts';
import type { Disk, FileChange } from '../../src/core/model.ts';
import { applyChanges } from '../../src/customise/apply-changes.ts';
import { checkImage } from '../../src/customise/check-image.ts';
import { copyBase } from '../../src/image/copy-base.ts';
import { type PreparedBuild, prepareBase, prepareBuild } from '../../src/pipeline.ts';
import { parseBuildOptions } from '../../src/recipe/build-options.ts';
import { formatTable, type Lab, measure, median, provideDisk, seconds, timed } from './lab.ts';

const ROUNDS = 5;

export const bench = {
  title: 'Customising alone: plan, write, check',
  async run(lab: Lab): Promise<string> {
    const base = await provideDisk(lab, 1);
    const { context } = lab;
    const { request } = await parseBuildOptions(
      { base, apn: 'bench', output: lab.folder, password: 'bench' },
      {},
    );
    const shared = await prepareBase(context, request);
    const image = join(lab.folder, 'customise.img');
    const ours: number[] = [];
    const roots: number[] = [];
    let prepared = await prepareBuild(context, request, shared);
    const tree = join(lab.folder, 'tree');
    await writeTree(prepared, tree);
    for (let round = 0; round < ROUNDS; round += 1) {
      lab.say(`round ${round + 1} of ${ROUNDS}`);
      const disk = await freshCopy(context, prepared, image);
      ours.push(
        await timed(async () => {
          prepared = await prepareBuild(context, request, shared);
          const written = await applyChanges(context, disk, prepared.changes, prepared.epochSeconds);
          await checkImage(context, written, prepared.changes, prepared.epochSeconds);
        }),
      );
      if (process.getuid?.() !== 0) continue;
      await freshCopy(context, prepared, image);
      roots.push(await timed(() => copyAsRoot(context, disk, tree, join(lab.folder, 'mount'))));
    }
    const guest = await runGuestfish(lab, prepared, image, tree);
    await rm(image);
    const own = median(ours);
    const compare = (other: number) => (own / other).toFixed(2);
    const rows = [
      ['wwanpi: plan, write, both file systems checked, every file read back', seconds(own), '', '1'],
      roots.length > 0
        ? ['root: loop device, mount, cp, unmount', seconds(median(roots)), '≤ 4', compare(median(roots))]
        : ['root: loop device, mount, cp, unmount', 'needs root', '', ''],
      typeof guest === 'number'
        ? ['guestfish: launch, upload, unmount', seconds(guest), '≤ 0.1', compare(guest)]
        : [`guestfish: ${guest}`, '', '', ''],
    ];
    return [
      formatTable(['way', 'time', 'target', 'wwanpi / this'], rows),
      '',
      `Median of ${ROUNDS} rounds, guestfish once, on a fresh copy of the 1.8 GB image; the same ` +
        `${prepared.changes.length} changes. Only wwanpi checks what it did.`,
    ].join('\n');
  },
};

async function freshCopy(context: Context, prepared: PreparedBuild, image: string): Promise<Disk> {
  await rm(image, { force: true });
  return copyBase(context, prepared.disk, image);
}

/** The root's changed files as a tree, for those who copy. */
async function writeTree({ changes }: PreparedBuild, tree: string): Promise<void> {
  for (const change of onRoot(changes)) {
    await mkdir(dirname(join(tree, change.path)), { recursive: true });
    await writeFile(join(tree, change.path), change.content, { mode: change.mode });
  }
}

function onRoot(changes: readonly FileChange[]): Extract<FileChange, { kind: 'file' }>[] {
  return changes.flatMap((change) =>
    change.kind === 'file' && !change.path.startsWith('/boot/') ? [change] : [],
  );
}

async function copyAsRoot(context: Context, disk: Disk, tree: string, mount: string): Promise<void> {
  await mkdir(mount, { recursive: true });
  const offset = `offset=${disk.layout.root.offsetBytes}`;
  await context.exec(['mount', '-o', `loop,${offset}`, disk.path, mount]);
  try {
    await context.exec(['cp', '-a', `${tree}/.`, mount]);
  } finally {
    await context.exec(['umount', mount]);
  }
}

/** Seconds, or why there are none. guestfish boots a small machine; without KVM that is emulated. */
async function runGuestfish(
  lab: Lab,
  prepared: PreparedBuild,
  image: string,
  tree: string,
): Promise<number | string> {
  lab.say('guestfish');
  await freshCopy(lab.context, prepared, image);
  const work = ['run', ':', 'mount', '/dev/sda2', '/', ':', 'copy-in'];
  const tops = [...new Set(onRoot(prepared.changes).map(({ path }) => path.split('/')[1] ?? ''))];
  const argv = [
    'guestfish',
    // Which is that of the images named after it.
    '--format=raw',
    '-a',
    image,
    ...work,
    ...tops.map((top) => join(tree, top)),
    '/',
  ];
  // The first launch builds its appliance, which is not what is measured.
  const probe = ['guestfish', '--ro', '--format=raw', '-a', image, 'run'];
  for (const settings of ['', 'force_tcg']) {
    const env = { LIBGUESTFS_BACKEND: 'direct', LIBGUESTFS_BACKEND_SETTINGS: settings };
    try {
      await measure(probe, env);
      return (await measure([...argv, ':', 'umount-all'], env)).seconds;
    } catch (error) {
      lab.say(`guestfish${settings === '' ? '' : ` with ${settings}`}: ${String(error).slice(0, 500)}`);
    }
  }
  return 'does not run here';
}
