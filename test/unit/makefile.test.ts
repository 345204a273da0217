import assert from 'node:assert/strict';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/core/package.ts';
import { createTestContext } from '../helpers/context.ts';

const SHOW = `show:\n\t@printf '%s\\n' "$$APN" "$$BASE" "$$OUTPUT"\n`;

test("what make is given for APN, BASE and OUTPUT is neither make's language nor a shell's", async (t) => {
  const { exec, tmpDir } = await createTestContext(t);
  await writeFile(join(tmpDir, 'show.mk'), SHOW);
  const mark = join(tmpDir, 'mark');
  const makefiles = ['-f', join(packageRoot, 'Makefile'), '-f', join(tmpDir, 'show.mk')];
  const values = [`$(shell touch ${mark})`, `\`touch ${mark}\``, `"; touch ${mark}; $(PATH) $$(id)`];
  for (const value of values) {
    const given = ['APN', 'BASE', 'OUTPUT'].map((name) => `${name}=${value}`);
    const { stdout } = await exec(['make', '--no-print-directory', ...makefiles, 'show', ...given]);
    assert.equal(stdout, `${value}\n${value}\n${value}\n`);
    await assert.rejects(access(mark), { code: 'ENOENT' }, value);
  }
  const plain = await exec(['make', '--no-print-directory', ...makefiles, 'show', 'APN=fast.metropcs.com']);
  assert.equal(plain.stdout, 'fast.metropcs.com\nraspbian-stretch\nout\n');
});
