/** Fails, naming each, when a page has a dead link or anchor, names a file that is not there, or is out of reach. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/core/package.ts';
import { checkPages, checkReadme } from './docs/check-pages.ts';
import { readPages } from './docs/read-pages.ts';

const faults = [
  ...checkPages(readPages()),
  ...checkReadme(readFileSync(join(packageRoot, 'README.md'), 'utf8')),
];
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;
