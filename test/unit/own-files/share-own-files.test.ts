import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { OptionsError } from '../../../src/formats/issues.ts';
import { shareOwnFiles } from '../../../src/own-files/share-own-files.ts';
import type { OwnFilesRequest } from '../../../src/recipe/own-files.ts';
import { createTestContext } from '../../helpers/context.ts';

const LARGE = 'x'.repeat(100_000);

test('images that name the same files read them once; the last of them removes what is kept', async (t) => {
  const context = await createTestContext(t);
  const tree = join(context.tmpDir, 'tree');
  const kept = join(context.tmpDir, 'kept');
  await mkdir(tree);
  await writeFile(join(tree, 'large'), LARGE);
  const script = join(context.tmpDir, 'script');
  await writeFile(script, '#!/bin/sh\n');
  const request = (more: Partial<OwnFilesRequest> = {}): OwnFilesRequest => ({
    ...{ trees: [tree], packageFiles: [], packageNames: [], scripts: [] },
    ...more,
  });
  const [one, two, other] = [request(), request({ packageNames: ['htop'] }), request({ scripts: [script] })];
  const shared = shareOwnFiles({ ...context, tmpDir: kept }, [one, two, other]);

  const first = await shared.read(context.report, one);
  await writeFile(join(tree, 'large'), 'changed since');
  assert.equal(await shared.read(context.report, two), first);
  const { scripts, tree: now } = await shared.read(context.report, other);
  assert.equal(scripts.length, 1);
  assert.notDeepEqual(now, first.tree);

  await shared.release(one);
  const [entry] = first.tree;
  assert.ok(entry?.kind === 'file' && !(entry.content instanceof Uint8Array));
  assert.equal(await readFile(entry.content.path, 'utf8'), LARGE);
  await shared.release(two);
  assert.deepEqual(await readdir(kept), []);
});

test('what cannot be read is an error of each image', async (t) => {
  const context = await createTestContext(t);
  const request = { trees: [], packageFiles: [], packageNames: [], scripts: [context.tmpDir] };
  const shared = shareOwnFiles(context, [request, request]);
  await assert.rejects(shared.read(context.report, request), OptionsError);
  await assert.rejects(shared.read(context.report, request), OptionsError);
});
