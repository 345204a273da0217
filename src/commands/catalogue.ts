import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { FileLinks } from '../catalogue/links.ts';
import { readReleaseFolder } from '../catalogue/read-release-folder.ts';
import { renderPage } from '../catalogue/render-page.ts';
import { BugError } from '../core/errors.ts';
import { packageRoot, readVersion } from '../core/package.ts';
import type { Reporter } from '../core/reporter.ts';
import { type Issue, OptionsError } from '../formats/issues.ts';
import { formatBytes } from '../formats/units.ts';
import { parseUrlBase } from '../formats/url-base.ts';
import { hintAtOptions } from '../options/hint-at-options.ts';
import { writeFileAtomic } from '../tools/files/replace-file.ts';

/** The options of `wwanpi catalogue`, checked. Paths are absolute. */
export interface CatalogueOptions {
  readonly folder: string;
  readonly output: string;
  readonly title: string;
  /** Ends in a slash; undefined where the links are relative to the page. */
  readonly urlBase: string | undefined;
}

/** @throws OptionsError with every issue at once */
export function parseCatalogueOptions(argv: Readonly<Record<string, unknown>>): CatalogueOptions {
  const issues: Issue[] = [];
  const folder = resolve(String(argv.folder));
  const title = String(argv.title ?? '').trim();
  if (title === '') issues.push({ option: 'title', message: 'is empty' });
  if (argv.output === '') issues.push({ option: 'output', message: 'is empty', hint: 'name a file' });
  const urlBase = argv.urlBase === undefined ? undefined : readUrlBase(String(argv.urlBase), issues);
  if (issues.length > 0) {
    throw new OptionsError(issues, hintAtOptions('catalogue', issues));
  }
  const output = argv.output === undefined ? join(folder, 'index.html') : resolve(String(argv.output));
  return { folder, output, title, urlBase };
}

/**
 * Reads the folder, writes the page, and reports its path.
 * @returns the text to print
 */
export async function runCatalogueCommand(options: CatalogueOptions, report: Reporter): Promise<string> {
  const { folder, output, title, urlBase } = options;
  await checkOutput(output);
  const { catalogue, warnings } = await readReleaseFolder(folder);
  const [style, script] = await Promise.all([readPageFile('style.css'), readPageFile('script.js')]);
  const links: FileLinks = { prefix: urlBase ?? relativePrefix(dirname(output), folder) };
  const page = renderPage(catalogue, { title, links, version: readVersion(), style, script });
  await mkdir(dirname(output), { recursive: true });
  await writeFileAtomic(output, page);
  for (const warning of warnings) report.warn(warning);
  const { length } = catalogue.images;
  return `Catalogue: ${output} (${length} image${length === 1 ? '' : 's'}, ${formatBytes(Buffer.byteLength(page))})\n`;
}

/** @throws OptionsError when the page cannot have this path */
async function checkOutput(output: string): Promise<void> {
  if ((await stat(output).catch(() => undefined))?.isDirectory()) {
    const hint = `name a file, such as ${join(output, 'index.html')}`;
    throw new OptionsError([{ option: 'output', value: output, message: 'is a folder', hint }]);
  }
  if ((await stat(dirname(output)).catch(() => undefined))?.isDirectory() === false) {
    const message = `cannot be in ${dirname(output)}, which is a file`;
    throw new OptionsError([{ option: 'output', value: output, message, hint: 'name a file in a folder' }]);
  }
}

function readUrlBase(text: string, issues: Issue[]): string | undefined {
  const parsed = parseUrlBase(text);
  if ('urlBase' in parsed) return parsed.urlBase;
  issues.push({ option: 'url-base', message: parsed.fault });
  return undefined;
}

/** The relative URL from the page's folder to the release's: empty, or ending in a slash. */
function relativePrefix(from: string, to: string): string {
  const path = relative(from, to);
  return path === '' ? '' : `${path.split('/').map(encodeURIComponent).join('/')}/`;
}

/** Style and script of the page are in dist, also for the sources: the build bundles the script. */
function readPageFile(name: string): Promise<string> {
  return readFile(join(packageRoot, 'dist/src/catalogue/page', name), 'utf8').catch((error: unknown) => {
    throw new BugError(`the page's ${name} is not built`, { hint: 'npm run build', cause: error });
  });
}
