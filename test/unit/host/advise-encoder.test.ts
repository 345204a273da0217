import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentReporter } from '../../../src/core/reporter.ts';
import { adviseEncoder } from '../../../src/host/advise-encoder.ts';
import { createTestContext } from '../../helpers/context.ts';

test('who compresses with the slow liblzma is told how to get the fast one, in a checkout and installed', async (t) => {
  const { tmpDir } = await createTestContext(t);
  const told: string[] = [];
  const report = { ...silentReporter, info: (text: string) => void told.push(text) };
  adviseEncoder(report, tmpDir, tmpDir);
  await writeFile(join(tmpDir, 'Makefile'), '');
  adviseEncoder(report, tmpDir, tmpDir);
  assert.match(told[0] ?? '', /: npm explore --global wwanpi -- npm run rebuild-lzma$/);
  assert.match(told[1] ?? '', /: make build$/);
  await mkdir(join(tmpDir, 'build/Release'), { recursive: true });
  await writeFile(join(tmpDir, 'build/Release/lzma_native.node'), '');
  adviseEncoder(report, tmpDir, tmpDir);
  assert.equal(told.length, 2);
});
