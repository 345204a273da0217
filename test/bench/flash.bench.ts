/**
 * `wwanpi flash` beside `dd` and `bmaptool copy`, whole commands onto the same loop device in one run. Alone:
 *
 *     node --import tsx test/bench/flash.bench.ts IMAGE [FOLDER [ROUNDS]]
 *
 * IMAGE is a raw .img. A loop device is far faster than a card, so that the figures show what the programs cost; on a
 * card all of them wait for the card, and what counts is how many bytes they write.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/package.ts';

/** One way to write an image, and how long it took. */
export interface FlashRow {
  readonly image: string;
  readonly program: string;
  /** Median of all rounds. */
  readonly seconds: number;
  /** Against the first row of the same image. */
  readonly ratio: number;
}

interface Way {
  readonly image: string;
  readonly program: string;
  readonly run: (device: string) => void;
}

/**
 * Measures in rounds, each way once a round, so that what else the machine does falls on all of them.
 * @param folder on the disk the loop device's file is to lie on; needs three times the image's size
 */
export function benchFlash(imagePath: string, folder: string, rounds: number): FlashRow[] {
  const work = mkdtempSync(join(folder, 'flash-bench-'));
  const card = join(work, 'card');
  execFileSync('fallocate', ['--length', String(statSync(imagePath).size), card]);
  const device = execFileSync('losetup', ['--find', '--show', '--direct-io=on', card], {
    encoding: 'utf8',
  }).trim();
  try {
    const ways = makeWays(imagePath, work);
    const seconds = ways.map((): number[] => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, way] of ways.entries()) {
        execFileSync('sync');
        const start = performance.now();
        way.run(device);
        seconds[index]?.push((performance.now() - start) / 1000);
      }
    }
    const medians = seconds.map((each) => each.toSorted((a, b) => a - b)[Math.floor(each.length / 2)] ?? 0);
    return ways.map(({ image, program }, index) => {
      const base = medians[ways.findIndex((way) => way.image === image)] ?? 1;
      return { image, program, seconds: medians[index] ?? 0, ratio: (medians[index] ?? 0) / base };
    });
  } finally {
    execFileSync('losetup', ['--detach', device]);
    rmSync(work, { recursive: true });
  }
}

function makeWays(raw: string, work: string): Way[] {
  const packed = join(work, 'x.img.xz');
  const bmap = join(work, 'x.bmap');
  const out = openSync(packed, 'w');
  execFileSync('xz', ['-T2', '-1', '--block-size=8MiB', '--stdout', raw], {
    stdio: ['ignore', out, 'inherit'],
  });
  const sparse = join(work, 'sparse.img');
  execFileSync('cp', ['--sparse=always', raw, sparse]);
  execFileSync('bmaptool', ['create', '--output', bmap, sparse]);
  const quietly = (program: string, args: readonly string[]) =>
    execFileSync(program, args, { stdio: 'ignore' });
  const flash = (image: string, ...args: string[]) => {
    const cli = join(packageRoot, 'dist/src/cli.js');
    return (device: string) => {
      quietly(process.execPath, [cli, 'flash', image, device, '--force', '--yes', ...args]);
    };
  };
  const all = ['--no-bmap'];
  const mapped = ['--bmap', bmap];
  return [
    {
      image: 'raw',
      program: 'dd bs=4M conv=fsync',
      run: (device) => quietly('dd', [`if=${raw}`, `of=${device}`, 'bs=4M', 'conv=fsync']),
    },
    {
      image: 'raw',
      program: 'dd bs=4M oflag=direct conv=fsync',
      run: (device) => quietly('dd', [`if=${raw}`, `of=${device}`, 'bs=4M', 'oflag=direct', 'conv=fsync']),
    },
    {
      image: 'raw',
      program: 'bmaptool copy --nobmap',
      run: (device) => quietly('bmaptool', ['copy', '--nobmap', raw, device]),
    },
    { image: 'raw', program: 'wwanpi flash --no-bmap --no-verify', run: flash(raw, ...all, '--no-verify') },
    { image: 'raw', program: 'wwanpi flash --no-bmap (read back too)', run: flash(raw, ...all) },
    {
      image: 'raw, block map',
      program: 'bmaptool copy',
      run: (device) => quietly('bmaptool', ['copy', '--bmap', bmap, raw, device]),
    },
    {
      image: 'raw, block map',
      program: 'wwanpi flash --no-verify',
      run: flash(raw, ...mapped, '--no-verify'),
    },
    { image: 'raw, block map', program: 'wwanpi flash (read back too)', run: flash(raw, ...mapped) },
    {
      image: '.img.xz, block map',
      program: 'bmaptool copy',
      run: (device) => quietly('bmaptool', ['copy', '--bmap', bmap, packed, device]),
    },
    {
      image: '.img.xz, block map',
      program: 'wwanpi flash --no-verify',
      run: flash(packed, ...mapped, '--no-verify'),
    },
    { image: '.img.xz, block map', program: 'wwanpi flash (read back too)', run: flash(packed, ...mapped) },
  ];
}

/** As `run.ts` runs it, on the base it provides. */
export const bench = {
  title: 'Flashing, beside dd and bmaptool',
  async run({ base, folder }: { readonly base: string; readonly folder: string }): Promise<string> {
    return [
      formatFlashRows(benchFlash(base, folder, 5)),
      'Median of five rounds, onto a loop device with direct I/O: far faster than any card, so these are what the programs',
      'cost. dd and bmaptool do not read back. About half a second of each of wwanpi is its start and its checks.',
    ].join('\n');
  },
};

/** As a Markdown table. */
export function formatFlashRows(rows: readonly FlashRow[]): string {
  return [
    '| image | program | seconds | ratio |',
    '|---|---|---|---|',
    ...rows.map(
      ({ image, program, seconds, ratio }) =>
        `| ${image} | \`${program}\` | ${seconds.toFixed(2)} | ${ratio.toFixed(2)} |`,
    ),
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const [image, folder = '.', rounds = '5'] = process.argv.slice(2);
  if (image === undefined) throw new Error('flash.bench.ts IMAGE [FOLDER [ROUNDS]]');
  process.stdout.write(formatFlashRows(benchFlash(image, folder, Number(rounds))));
}
