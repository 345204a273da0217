import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTable, type Lab, measureCli, seconds } from './lab.ts';
import { makeDiskOfSize } from './lite-image.ts';

const SIZES = [1_858_000_000, 7_400_000_000];

export const bench = {
  title: 'Memory against size',
  async run(lab: Lab): Promise<string> {
    const rows: string[][] = [];
    for (const sizeBytes of SIZES) {
      const base = join(lab.folder, 'memory.img');
      await makeDiskOfSize(lab.context, lab.base, base, { sizeBytes, dataBytes: 0 });
      const size = `${(sizeBytes / 1e9).toFixed(1)} GB`;
      lab.say(size);
      const out = join(lab.folder, 'memory');
      const args = ['build', '--base', base, '--apn', 'x', '--password', 'bench', '--compress', 'xz'];
      // A level whose blocks no other bench has made, with as large an encoder as 6.
      const cost = await measureCli(lab, [...args, '--level', '5', '--output', out]);
      await rm(out, { recursive: true });
      await rm(base);
      await rm(join(lab.context.cacheDir, 'blocks'), { recursive: true });
      rows.push([size, `${Math.round(cost.peakBytes / 1e6)} MB`, seconds(cost.seconds)]);
    }
    return [
      formatTable(['image', 'memory at most (VmHWM)', 'whole build with --compress xz --level 5'], rows),
      '',
      'The data of debian-bookworm, no block of it cached. What takes the memory: the two encoders, and for each',
      'processor and two more a block of 8 MiB; the rest is Node.',
    ].join('\n');
  },
};
