import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetResult } from '../../src/fleet/fleet-state.ts';
import { measureBounds } from './carrier-bounds.ts';
import { formatTable, type Lab, measure, measureCli, median, provideDisk, seconds } from './lab.ts';

/** How many carriers the large fleet has. */
const CARRIERS = Number(process.env.BENCH_CARRIERS ?? 200);
const FEW = 6;
const LEVEL = Number(process.env.BENCH_LEVEL ?? 6);
const ONE_BY_ONE = ['--jobs', '1'];
const NOT_KEPT = '--no-keep-image';

export const bench = {
  title: 'Fleets: the first carrier, each further one, two hundred of them',
  async run(lab: Lab): Promise<string> {
    const base = await provideDisk(lab, 1);
    const out = (name: string) => join(lab.folder, name);

    lab.say('one image alone, and xz -T2 of it');
    const apn = ['build', '--base', base, '--apn', 'internet', '--password', 'bench', '--name', 'alone'];
    const plain = await measureCli(lab, [...apn, '--output', out('alone')]);
    const image = join(out('alone'), 'alone.img');
    const xz = await measure(['xz', '-T2', `-${LEVEL}`, '--block-size=8MiB', '--keep', image]);
    await rm(out('alone'), { recursive: true });
    const alone = plain.seconds + xz.seconds;

    lab.say('the first carrier, no block of it cached');
    const first = await runFleet(lab, base, out('first'), 1, []);
    lab.say(`${FEW} further ones, one at a time, the .img kept`);
    const single = await runFleet(lab, base, out('single'), FEW, ONE_BY_ONE, 'b');
    lab.say('what no further one can do without');
    const [one = '', other = ''] = ['b0', 'b1'].map((name) => join(out('single'), `${name}.example.img`));
    const bounds = await measureBounds(one, other, LEVEL);
    await rm(out('single'), { recursive: true });
    lab.say(`${FEW} further ones, one at a time, only the .img.xz kept`);
    const packed = await runFleet(lab, base, out('packed'), FEW, [...ONE_BY_ONE, NOT_KEPT], 'f');
    await rm(out('packed'), { recursive: true });
    lab.say(`${FEW} further ones, two at a time, the .img kept`);
    const pair = await runFleet(lab, base, out('pair'), FEW, [], 'c');
    await rm(out('pair'), { recursive: true });
    const start = await runFleet(lab, base, out('start'), 1, ['--dry-run'], 'e');
    lab.say(`${CARRIERS} carriers, the first of them cached, only the .img.xz kept`);
    const many = await runFleet(lab, base, out('many'), CARRIERS, [NOT_KEPT], 'd');
    await rm(out('many'), { recursive: true });

    // What a run of fleet takes before its first image is not the images'.
    const perImage = (many.seconds - start.seconds) / CARRIERS;
    const all = first.seconds + (CARRIERS - 1) * perImage;
    const bound = 1.3 * first.seconds + CARRIERS * 0.6;
    const row = (what: string, each: number, target: string) => [
      ...[`further carrier, ${what}`, seconds(each), target, `1/${(alone / each).toFixed(0)}`],
    ];
    const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
    return [
      formatTable(
        ['what', 'time', 'target', 'ratio'],
        [
          ['one image, not packed', seconds(plain.seconds), '', ''],
          [`the same packed by \`xz -T2 -${LEVEL} --block-size=8MiB\``, seconds(alone), '', '1'],
          [
            'first carrier of a fleet, everything',
            seconds(first.seconds),
            'no slower than that',
            (first.seconds / alone).toFixed(2),
          ],
          row('one at a time, .img kept', median(single.each), '< 1 s'),
          row('one at a time, no .img kept', median(packed.each), '< 0.5 s'),
          row(`mean of ${FEW} two at a time, .img kept`, sum(pair.each) / FEW / 2, '< 1 s'),
          row(`mean of ${CARRIERS} two at a time, no .img kept`, perImage, '1/200'),
          [
            `${CARRIERS} carriers, the first of them cold`,
            seconds(all),
            `< ${seconds(bound)} (1.3 × first + ${CARRIERS} × 0.6 s)`,
            (all / bound).toFixed(2),
          ],
        ],
      ),
      '',
      `Processor time: alone ${seconds(plain.cpuSeconds + xz.cpuSeconds)}, first carrier ${seconds(first.cpuSeconds)}, ` +
        `a further one ${seconds((many.cpuSeconds - start.cpuSeconds) / CARRIERS)}.`,
      '',
      `Everything is .img, .img.xz, .bmap, manifest, SBOM, SHA256SUMS and all checks. Memory at most (VmHWM): first ` +
        `carrier ${megabytes(first.peakBytes)}, ${CARRIERS} further ones, two at a time, ${megabytes(many.peakBytes)}; ` +
        `\`xz -T2\` ${megabytes(xz.peakBytes)}.`,
      '',
      'What bounds them: the first carrier is liblzma (96 % of its processor time). Two carriers differ in ' +
        `${bounds.blocks.length} blocks of ${bounds.blocksCount}, first at ${(bounds.firstBytes / 2 ** 20).toFixed(0)} MiB, ` +
        'where wwanpi.txt lies. What follows',
      `has to be hashed for each: SHA-256 of it alone is ${seconds(bounds.hashSeconds)}, on one processor. Compressing these ` +
        `blocks alone is ${seconds(bounds.compressSeconds)}.`,
      '[What a fleet does once](../../docs/explanation/decisions/what-a-fleet-does-once.md) says why neither can be less.',
    ].join('\n');
  },
};

async function runFleet(
  lab: Lab,
  base: string,
  out: string,
  count: number,
  args: readonly string[],
  prefix = 'a',
) {
  const file = `${out}.json`;
  const images = Array.from({ length: count }, (_, index) => ({ apn: `${prefix}${index}.example` }));
  const defaults = { base, level: LEVEL, password: 'bench', hostname: 'pi-{name}' };
  await writeFile(file, JSON.stringify({ defaults, images }));
  const cost = await measureCli(lab, ['fleet', file, '--output', out, '--json', ...args]);
  const { entries } = JSON.parse(cost.stdout) as { entries: FleetResult[] };
  return { ...cost, each: entries.map((entry) => entry.seconds) };
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
