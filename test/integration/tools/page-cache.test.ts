import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { dropPages } from '../../../src/tools/files/page-cache.ts';
import { createTestContext } from '../../helpers/context.ts';

test('a finished file leaves the page cache and is unchanged', async (t) => {
  const context = await createTestContext(t);
  // A name that dd's own language must not read.
  const path = join(context.tmpDir, 'a,b=c count=1.img');
  const content = randomBytes(3_000_001);
  await writeFile(path, content);
  const residentPages = async () => {
    const { stdout } = await context.exec(['fincore', '--noheadings', '--output=PAGES', path]);
    return Number(stdout);
  };
  assert.ok((await residentPages()) > 700);
  await dropPages(context, path);
  const kind = (await context.exec(['stat', '--file-system', '--format=%T', path])).stdout.trim();
  // What lies in memory alone can't leave it.
  if (kind === 'tmpfs') t.diagnostic('the folder for temporary files is memory: pages stay');
  else assert.equal(await residentPages(), 0);
  assert.deepEqual(await readFile(path), content);
});

test('without the file nothing happens', async (t) => {
  const context = await createTestContext(t);
  await dropPages(context, join(context.tmpDir, 'none'));
  assert.ok(!existsSync(join(context.tmpDir, 'none')));
});
