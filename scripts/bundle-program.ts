/**
 * Bundles the program: `dist/src/cli.js` and `dist/src/action.js` with the pure JavaScript that they import, and in
 * `dist/src/parts/` what is imported later or by both. Node.js takes most of a millisecond for every module that it looks for, and
 * `wwanpi build` has 700. Part of `npm run compile`; types are checked by `make check`. The same sources give the same bytes.
 */
import { readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { packageRoot } from '../src/core/package.ts';

const PARTS = 'dist/src/parts';
/** A part of an earlier build is kept for so long, for what runs still. */
const KEPT_MS = 24 * 3_600_000;

/** These have a native addon, or look for packages that need not be there. */
const LEFT_OUT = ['lzma-native', 'ssh2', 'ssh2-sftp-client', '@cyclonedx/cyclonedx-library'];

const { metafile } = await build({
  absWorkingDir: packageRoot,
  entryPoints: ['src/cli.ts', 'src/action.ts'],
  outdir: 'dist',
  outbase: '.',
  chunkNames: 'src/parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  metafile: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  charset: 'utf8',
  external: LEFT_OUT,
  // For packages that are CommonJS.
  banner: {
    js: "import { createRequire as createRequireOfPart } from 'node:module';\nconst require = createRequireOfPart(import.meta.url);",
  },
  logLevel: 'warning',
});

for (const name of readdirSync(join(packageRoot, PARTS))) {
  const path = join(packageRoot, PARTS, name);
  if (metafile.outputs[join(PARTS, name)] === undefined && Date.now() - statSync(path).mtimeMs > KEPT_MS)
    unlinkSync(path);
}

/** What the licences of the bundled packages ask for: their texts go with them. */
const packages = Object.keys(metafile.inputs).flatMap(
  (path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [],
);
const texts = [...new Set(packages)].sort().map((folder) => {
  const name = readdirSync(join(packageRoot, folder)).find((each) => /^licen[cs]e/i.test(each));
  const text =
    name === undefined ? readLicenceName(folder) : readFileSync(join(packageRoot, folder, name), 'utf8');
  return `${folder.slice('node_modules/'.length)}\n\n${text.trim()}\n`;
});
writeFileSync(join(packageRoot, 'dist/src/licences.txt'), texts.join(`\n${'-'.repeat(72)}\n\n`));

function readLicenceName(folder: string): string {
  return (JSON.parse(readFileSync(join(packageRoot, folder, 'package.json'), 'utf8')) as { license: string })
    .license;
}
