import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Exec } from '../../../src/core/exec.ts';
import { checkHostTools } from '../../../src/host/check-host-tools.ts';
import { readKnownVersions } from '../../../src/host/tool-versions.ts';
import { createTestContext } from '../../helpers/context.ts';

test('programs of Debian are asked once; the second run has the same versions', async (t) => {
  const context = await createTestContext(t);
  let asked = 0;
  const exec: Exec = (...call) => {
    asked += 1;
    return context.exec(...call);
  };
  const first = await checkHostTools({ ...context, exec }, ['image']);
  assert.equal(asked, first.length);
  assert.deepEqual(await checkHostTools({ ...context, exec }, ['image']), first);
  assert.equal(asked, first.length);
});

test('a program that is none of Debian, or that changes, is asked each time', async (t) => {
  const { tmpDir, cacheDir } = await createTestContext(t);
  const { PATH } = process.env;
  const bin = join(tmpDir, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'tar'), '#!/bin/sh\necho tar 0.1\n');
  await chmod(join(bin, 'tar'), 0o755);
  const known = await readKnownVersions({ cacheDir });
  await known.keep('tar', '1.34');
  await known.save();
  assert.equal(await (await readKnownVersions({ cacheDir })).find('tar'), '1.34');
  process.env.PATH = `${bin}:${PATH}`;
  t.after(() => {
    process.env.PATH = PATH;
  });
  const other = await readKnownVersions({ cacheDir });
  assert.equal(await other.find('tar'), undefined);
  await other.keep('tar', '0.1');
  assert.equal(await other.find('tar'), undefined);
});

test('what is damaged, or of another file, is not known', async (t) => {
  const { cacheDir } = await createTestContext(t);
  const known = await readKnownVersions({ cacheDir });
  assert.equal(await known.find('tar'), undefined);
  await known.keep('tar', '1.34');
  await known.save();
  const path = join(cacheDir, 'tool-versions.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('1.34', '9.99'));
  assert.equal(await (await readKnownVersions({ cacheDir })).find('tar'), undefined);
  await writeFile(path, 'x\n{');
  assert.equal(await (await readKnownVersions({ cacheDir })).find('tar'), undefined);
});
