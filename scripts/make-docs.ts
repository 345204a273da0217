/**
 * Writes the reference pages that are made from the source: `make docs`. With `--check` it writes nothing and fails,
 * naming each page that is old.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../src/core/package.ts';
import { makeCardPage } from './docs/card-page.ts';
import { makeCommandsPage } from './docs/commands-page.ts';
import { makeFleetPage } from './docs/fleet-page.ts';
import { makeJournalPage } from './docs/journal-page.ts';
import { makeJsonPage } from './docs/json-page.ts';
import { formatPage } from './docs/markdown.ts';
import { makeScenariosPage } from './docs/scenarios-page.ts';
import { makeBasesPage, makeEnvironmentPage, makeExitCodesPage } from './docs/small-pages.ts';

const pages = [
  makeBasesPage(),
  makeCardPage(),
  makeCommandsPage(),
  makeEnvironmentPage(),
  makeExitCodesPage(),
  makeFleetPage(),
  makeJournalPage(),
  makeJsonPage(),
  makeScenariosPage(),
];
const isCheck = process.argv.includes('--check');
const old = pages.filter((page) => readText(page.path) !== formatPage(page));

if (isCheck) {
  for (const { path } of old) process.stderr.write(`docs/${path} is old: make docs writes it anew\n`);
  process.exitCode = old.length === 0 ? 0 : 1;
} else {
  for (const page of old) {
    mkdirSync(dirname(join(packageRoot, 'docs', page.path)), { recursive: true });
    writeFileSync(join(packageRoot, 'docs', page.path), formatPage(page));
    process.stdout.write(`wrote docs/${page.path}\n`);
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(join(packageRoot, 'docs', path), 'utf8');
  } catch {
    return undefined;
  }
}
