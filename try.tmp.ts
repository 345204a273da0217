import { prepareSysrootFromTree } from './src/steps/prepare-sysroot.ts';
import { fetchLibqmiSource } from './src/steps/fetch-libqmi-source.ts';
import { compileLibqmi } from './src/steps/compile-libqmi.ts';
import { TARGETS } from './src/targets.ts';
import { createExec } from './src/tools/exec.ts';
import { silentReporter } from './src/report.ts';
const W = '/work/scratch/libqmi-work';
const [, , which, tree, source, cache = 'cache', tmp = 'tmp'] = process.argv;
const profile = TARGETS[Number(which)]!;
const context = { exec: createExec({ signal: new AbortController().signal }), report: {...silentReporter, warn: console.error}, signal: new AbortController().signal, cacheDir: `${W}/${cache}`, tmpDir: `${W}/${tmp}` };
try {
console.time('sysroot');
var s = await prepareSysrootFromTree(context, tree!, profile);
console.timeEnd('sysroot');
console.time('source');
const src = await fetchLibqmiSource(context, profile, { libqmiSource: source || undefined });
console.timeEnd('source');
console.log(src);
console.time('compile');
var b = await compileLibqmi(context, src, s, profile);
console.timeEnd('compile');
console.log(s.path, b);
} catch (e) { console.log(e.name, e.message, e.hint, e.detail); process.exit(1) }
const { checkElf } = await import('./src/steps/check-elf.ts');
try {
console.time('check');
console.log(await checkElf(context, b!, s!, profile));
console.timeEnd('check');
} catch (e: any) { console.log(e.name, e.message, e.hint, e.detail); process.exit(1) }
const { packageLibqmi, writeDeb } = await import('./src/steps/package-libqmi.ts');
const { writeFile, mkdir } = await import('node:fs/promises');
const pk = await packageLibqmi(b!, s!, profile);
await mkdir(`${W}/debs-${which}`, { recursive: true });
for (const p of pk) { console.log(p.control); await writeFile(`${W}/debs-${which}/${p.name}.deb`, await writeDeb(p)); }
