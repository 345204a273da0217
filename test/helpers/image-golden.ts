import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import type { FileDifference } from '../../src/image/compare-trees.ts';
import { runCli } from './cli.ts';

/** What differs between two images, by `wwanpi diff`: a line for each file, its times left out. */
export async function listDifferences(from: string, to: string): Promise<string> {
  const { stdout } = await runCli(['diff', '--json', '--ignore-times', from, to]);
  const { files } = JSON.parse(stdout) as { files: readonly FileDifference[] };
  return files.map(({ status, path }) => `${status} ${path}\n`).join('');
}

/** Demands that the text is that of the golden file; with UPDATE_GOLDEN=1 it writes the file. */
export async function compareGolden(name: string, text: string): Promise<void> {
  const golden = new URL(`../golden/${name}.txt`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1') await writeFile(golden, text);
  assert.equal(text, await readFile(golden, 'utf8'));
}
