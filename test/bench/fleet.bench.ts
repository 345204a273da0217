import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetResult } from '../../src/fleet/fleet-state.ts';
import { formatTable, type Lab, measure, measureCli, median, provideDisk, seconds } from './lab.ts';

/** How many carriers the large fleet has. */
const CARRIERS = Number(process.env.BENCH_CARRIERS ?? 50);
const KEPT = 6;
const LEVEL = Number(process.env.BENCH_LEVEL ?? 6);

export const bench = {
  title: 'Fleets: the first carrier, each further one, fifty of them',
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
    lab.say(`${KEPT} further ones, one at a time, the .img kept`);
    const single = await runFleet(lab, base, out('single'), KEPT, ['--jobs', '1'], 'b');
    await rm(out('single'), { recursive: true });
    lab.say(`${KEPT} further ones, two at a time, the .img kept`);
    const pair = await runFleet(lab, base, out('pair'), KEPT, [], 'c');
    await rm(out('pair'), { recursive: true });
    const start = await runFleet(lab, base, out('start'), 1, ['--dry-run'], 'e');
    lab.say(`${CARRIERS} carriers, the first of them cached, only the .img.xz kept`);
    const many = await runFleet(lab, base, out('many'), CARRIERS, ['--no-keep-image'], 'd');
    await rm(out('many'), { recursive: true });

    const each = median(single.each);
    // What a run of fleet takes before its first image is not the images'.
    const perImage = (many.seconds - start.seconds) / CARRIERS;
    const fifty = first.seconds + (CARRIERS - 1) * perImage;
    const bound = 1.5 * first.seconds + CARRIERS * 3;
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
          ['further carrier, one at a time', seconds(each), '< 3 s', `1/${(alone / each).toFixed(0)}`],
          [
            `further carrier, mean of ${KEPT} two at a time`,
            seconds(sum(pair.each) / KEPT / 2),
            '< 3 s, 60 times faster than alone',
            `1/${(alone / (sum(pair.each) / KEPT / 2)).toFixed(0)}`,
          ],
          [
            `further carrier, mean of ${CARRIERS}, two at a time, no .img kept`,
            seconds(perImage),
            '',
            `1/${(alone / perImage).toFixed(0)}`,
          ],
          [
            `${CARRIERS} carriers, the first of them cold`,
            seconds(fifty),
            `< ${seconds(bound)} (1.5 × first + ${CARRIERS} × 3 s)`,
            (fifty / bound).toFixed(2),
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
      'What bounds them: the first carrier is liblzma (96 % of its processor time); a further one is SHA-256, of the whole',
      'image for SHA256SUMS and of the mapped ranges for the .bmap, on two threads: more than half of its processor time.',
      'Another sixth compresses the two blocks in which carriers differ; the disk bounds neither.',
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
