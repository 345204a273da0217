import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { withoutCarrier } from '../../../src/commands/container-options.ts';
import { parseBuildOptions } from '../../../src/recipe/build-options.ts';
import { createTestContext } from '../../helpers/context.ts';

test('a base file in another folder makes the same manifest', async (t) => {
  const { tmpDir } = await createTestContext(t);
  const published = await Promise.all(
    ['one', 'two'].map(async (folder) => {
      await mkdir(join(tmpDir, folder));
      const base = join(tmpDir, folder, 'base.img');
      await writeFile(base, '');
      const { request } = await parseBuildOptions(
        { apn: 'internet', base, output: join(tmpDir, folder) },
        {},
      );
      assert.equal(request.base, base);
      return request.publicOptions;
    }),
  );
  assert.equal(published[0]?.base, 'base.img');
  assert.deepEqual(published[0], published[1]);
});

test('an empty --output, as from an unset variable, does not mean the working folder', async () => {
  await assert.rejects(
    parseBuildOptions({ apn: 'internet', base: 'debian-bookworm', output: '' }, {}),
    /--output is empty; name a folder/,
  );
});

test('for a container all is checked but the carrier, which is looked up in there', async () => {
  const argv = { carrier: 'us/metropcs', base: 'debian-bookworm', output: 'out', apnUser: 'u' };
  const { request } = await parseBuildOptions(withoutCarrier(argv), {});
  assert.equal(request.recipe.apn, 'unknown');
  await assert.rejects(
    parseBuildOptions(withoutCarrier({ ...argv, hostname: 'a_b' }), {}),
    /--hostname "a_b"/,
  );
  assert.equal(withoutCarrier({ apn: 'x' }).apn, 'x');
});

test('own files: what is not there is said with all other issues, and names are no files', async (t) => {
  const { tmpDir } = await createTestContext(t);
  const script = join(tmpDir, 'setup.sh');
  await writeFile(script, '#!/bin/sh\n');
  const usual = { apn: 'internet', base: 'debian-bookworm', output: tmpDir };
  const bad = {
    extraTree: [script],
    package: ['./gone.deb', 'htop=1.0', '-y'],
    firstBoot: [tmpDir],
    hostname: 'a_b',
  };
  await assert.rejects(parseBuildOptions({ ...usual, ...bad }, {}), (error: Error) => {
    for (const part of [
      /--extra-tree ".*setup\.sh" is not a folder/,
      /--package "\.\/gone\.deb" cannot be read: no such file/,
      /--package "htop=1\.0" is neither a file that ends in \.deb nor the name of a package/,
      /--package "-y" is neither/,
      /--first-boot ".*" is not a file/,
      /--hostname "a_b"/,
    ]) {
      assert.match(error.message, part);
    }
    return true;
  });
  const good = { extraTree: tmpDir, package: ['htop', 'g++', 'htop'], firstBoot: [script] };
  const { request } = await parseBuildOptions({ ...usual, ...good }, {});
  assert.deepEqual(request.own, {
    trees: [tmpDir],
    packageFiles: [],
    packageNames: ['htop', 'g++'],
    scripts: [script],
  });
});
