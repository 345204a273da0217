import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPages, checkReadme } from '../../../scripts/docs/check-pages.ts';
import { readPage } from '../../../scripts/docs/read-pages.ts';

/** Pages of the repo's real paths, so that links between them find files. */
function check(readme: string, others: Readonly<Record<string, string>> = {}): string[] {
  return checkPages([
    readPage('README.md', readme),
    ...Object.entries(others).map(([path, text]) => readPage(path, text)),
  ]);
}

test('a dead link, a dead anchor and a file that is not there are found', () => {
  assert.deepEqual(check('[a](nowhere.md)'), ['README.md: nowhere.md: there is no such file']);
  assert.deepEqual(check('# One\n\n[a](#one) [b](#two)'), ['README.md: #two: README.md has no such heading']);
  assert.deepEqual(check('`src/pipeline.ts` and `src/nothing.ts`'), [
    'README.md: `src/nothing.ts`: there is no such file',
  ]);
  assert.deepEqual(check('![a picture](docs/pictures/nothing.svg)').length, 1);
  assert.deepEqual(check('<img src="docs/pictures/nothing.svg">').length, 1);
});

test('anchors are made as GitHub makes them', () => {
  const page = readPage(
    'README.md',
    "# What's `wwanpi diff A B`?\n\n## Twice\n\n## Twice\n\n## The *Pi*'s files",
  );
  assert.deepEqual([...page.anchors], ['whats-wwanpi-diff-a-b', 'twice', 'twice-1', 'the-pis-files']);
});

test('links outside are left alone, links in code are none', () => {
  assert.deepEqual(check('[a](https://example.org/#x) `[b](nowhere.md)`\n\n```\n[c](nowhere.md)\n```'), []);
});

test('a page must be two clicks from the README at most', () => {
  const chain = {
    'CONTRIBUTING.md': '[next](SECURITY.md)',
    'SECURITY.md': '[next](CHANGELOG.md)',
    'CHANGELOG.md': '',
  };
  assert.deepEqual(check('[next](CONTRIBUTING.md)', chain), [
    'CHANGELOG.md: not to be reached from README.md in 2 clicks',
  ]);
  assert.deepEqual(check('[next](CONTRIBUTING.md) [last](CHANGELOG.md)', chain), []);
});

test('a README that needs a second reading is refused', () => {
  assert.deepEqual(checkReadme('line\n'.repeat(150)), []);
  assert.equal(checkReadme('line\n'.repeat(151)).length, 1);
});
