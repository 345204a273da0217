import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundlePage } from '../../../scripts/bundle-page.ts';
import { packageRoot } from '../../../src/core/package.ts';

const built = join(packageRoot, 'dist/src/catalogue/page');

test("the page's script is built from these sources, and its style is copied: npm run build", async () => {
  assert.equal(await readFile(join(built, 'script.js'), 'utf8'), await bundlePage());
  assert.equal(
    await readFile(join(built, 'style.css'), 'utf8'),
    await readFile(join(packageRoot, 'src/catalogue/page/style.css'), 'utf8'),
  );
});

test('the script is the same each time, ends no element of the page, and has nothing of Node.js', async () => {
  const script = await bundlePage();
  assert.equal(await bundlePage(), script);
  assert.doesNotMatch(script, /<\/script|<!--/i);
  assert.doesNotMatch(script, /\brequire\(|\bprocess\.|\bBuffer[.(]|['"]node:/);
  // The folder of the checkout must not get into the page.
  assert.ok(!script.includes(packageRoot));
});
