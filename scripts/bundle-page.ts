/**
 * Bundles the script of the catalogue's page, with the modules that it shares with the command line, into one text:
 * `dist/src/catalogue/page/script.js`. Part of `npm run compile`. The same sources give the same bytes.
 */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { packageRoot } from '../src/core/package.ts';

const PAGE = 'src/catalogue/page';

/** The script as it stands in the page. It is not minified: whoever types a password there can read what it does. */
export async function bundlePage(): Promise<string> {
  const { outputFiles, warnings } = await build({
    absWorkingDir: packageRoot,
    entryPoints: [`${PAGE}/main.ts`],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'inline',
    logLevel: 'error',
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  return outputFiles[0]?.text ?? '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(packageRoot, 'dist', PAGE);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'script.js'), await bundlePage());
  await cp(join(packageRoot, PAGE, 'style.css'), join(folder, 'style.css'));
}
