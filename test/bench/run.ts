/**
 * `make bench [ONLY=fleet]`: runs the benches beside this file, each named `NAME.bench.ts`, and puts what they found into
 * README.md; parts of benches that were not run stay as they are. A bench is added by adding its file.
 */
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/package.ts';
import { silentReporter } from '../../src/core/reporter.ts';
import { prepareBase } from '../../src/pipeline.ts';
import { createExec } from '../../src/tools/exec.ts';
import { linkCache } from '../helpers/linked-cache.ts';
import type { Bench, Lab } from './lab.ts';

const FOLDER = join(packageRoot, 'test/bench');
const README = join(FOLDER, 'README.md');
/** What else the machine did, so that a figure from a busy one is not taken for more than it is. */
const LOAD = loadavg()[0]?.toFixed(1);

const only = process.argv.slice(2);
const names = (await readdir(FOLDER)).flatMap((name) => /^(.+)\.bench\.ts$/.exec(name)?.[1] ?? []).sort();
const unknown = only.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`no bench ${unknown.join(', ')}; there are: ${names.join(', ')}`);

await withLab(async (lab) => {
  for (const name of only.length > 0 ? only : names) {
    const { bench } = (await import(`./${name}.bench.ts`)) as { bench: Bench };
    lab.say(`${name}: ${bench.title}`);
    const text = await bench.run(lab);
    process.stdout.write(`\n## ${bench.title}\n\n${text}\n`);
    await updateReadme(name, `## ${bench.title}\n\n${describeMachine()}\n\n${text}`);
  }
});

async function withLab(use: (lab: Lab) => Promise<void>): Promise<void> {
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
  const folder = await mkdtemp(join(process.env.BENCH_FOLDER ?? tmpdir(), 'wwanpi-bench-'));
  const cacheDir = join(folder, 'cache');
  const tmpDir = join(folder, 'tmp');
  await linkCache(cacheDir);
  await mkdir(tmpDir);
  const context = {
    ...{ exec: createExec({ signal: abort.signal }), report: silentReporter, signal: abort.signal },
    ...{ cacheDir, tmpDir },
  };
  const start = performance.now();
  const say = (text: string) =>
    void process.stderr.write(`[${((performance.now() - start) / 1000).toFixed(0)} s] ${text}\n`);
  try {
    const compression = { format: 'none', level: 0, keepImage: true } as const;
    const { disk } = await prepareBase(context, {
      base: 'debian-bookworm',
      libqmi: undefined,
      libqmiSource: undefined,
      builder: 'clang',
      compression,
    });
    await use({ context, folder, base: disk.path, say });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The kind of machine; nothing that names it. */
function describeMachine(): string {
  const hasSha = /\bsha_ni\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
  const memory = Math.round(totalmem() / 1024 ** 3);
  const architecture = arch() === 'x64' ? 'x86-64' : arch();
  return (
    `Machine: ${cpus().length} cores, ${architecture}${hasSha ? ' with SHA instructions' : ''}, ${memory} GiB of memory; Node ${process.versions.node}.` +
    ` Load before the run: ${LOAD}.`
  );
}

async function updateReadme(name: string, part: string): Promise<void> {
  const text = await readFile(README, 'utf8');
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const block = `${begin}\n${part.trimEnd()}\n${end}\n`;
  const at = text.indexOf(begin);
  const after = text.indexOf(end);
  await writeFile(
    README,
    at === -1 || after === -1
      ? `${text.trimEnd()}\n\n${block}`
      : text.slice(0, at) + block + text.slice(after + end.length + 1),
  );
}
