import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkRelease, listRelease } from '../../../src/publish/read-release.ts';
import { countFiles } from '../../../src/publish/release.ts';
import { sha256Text } from '../../../src/tools/files/hash.ts';
import { createTestContext } from '../../helpers/context.ts';

test('a release of one file has no other files', () => {
  assert.deepEqual([0, 1, 2].map(countFiles), ['0 files', '1 file', '2 files']);
});

const NOW = sha256Text('image');
const BEFORE = sha256Text('the image of another day');

const pages: [string, string | undefined, boolean][] = [
  ['no page', undefined, false],
  ['a page of these files', `<code>${NOW}</code>`, false],
  ['a page of one of them and one of another day', `<code>${NOW}</code><code>${BEFORE}</code>`, true],
  ["a page of the user's own", '<h1>Images</h1>', false],
];
for (const [what, page, isStale] of pages) {
  test(`${what} ${isStale ? 'is warned of: whoever checks a download by it is misled' : 'is no reason to warn'}`, async (t) => {
    const context = await createTestContext(t);
    const folder = context.tmpDir;
    await writeFile(join(folder, 'a.img'), 'image');
    await writeFile(join(folder, 'SHA256SUMS'), `${NOW}  a.img\n`);
    if (page !== undefined) await writeFile(join(folder, 'index.html'), page);
    const warnings: string[] = [];
    const report = { ...context.report, warn: (text: string) => void warnings.push(text) };
    const { entries } = await checkRelease({ ...context, report }, await listRelease(folder));
    const names = ['a.img', ...(page === undefined ? [] : ['index.html']), 'SHA256SUMS'];
    assert.deepEqual(
      entries.map(({ name }) => name),
      names,
    );
    assert.deepEqual(
      warnings,
      isStale
        ? [`index.html has checksums that are not in SHA256SUMS; make it again: wwanpi catalogue ${folder}`]
        : [],
    );
  });
}
