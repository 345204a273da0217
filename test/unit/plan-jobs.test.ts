import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/core/package.ts';
import { ALONE, LEVELS, LONGEST, listTestFiles, planJobs } from '../runner/plan-jobs.ts';

test('every test file is in one job, and those that are named are there', () => {
  const files = listTestFiles(LEVELS);
  const jobs = planJobs(files);
  assert.deepEqual(jobs.flatMap((job) => job.files).sort(), files.toSorted());
  assert.equal(new Set(jobs.map(({ name }) => name)).size, jobs.length);
  for (const file of [...LONGEST, ...ALONE]) assert.ok(files.includes(file), file);
});

test('a file that has hooks for its process, or changes its folders for good, shares it with no other', () => {
  for (const { files } of planJobs(listTestFiles(LEVELS))) {
    if (files.length === 1) continue;
    for (const file of files) {
      const text = readFileSync(join(packageRoot, file), 'utf8');
      assert.doesNotMatch(text, /^(?:before|beforeEach|afterEach|keepTmpdirShort)\(/m, file);
    }
  }
});

test('a long file that is not named is run, too, by itself', () => {
  const jobs = planJobs(['test/long/new.test.ts', 'test/long/other.test.ts']);
  assert.deepEqual(
    jobs.map(({ files }) => files),
    [['test/long/new.test.ts'], ['test/long/other.test.ts']],
  );
});

test('a part of the files is planned as well', () => {
  const jobs = planJobs(['test/unit/a.test.ts', 'test/e2e/boot.test.ts']);
  assert.deepEqual(
    jobs.map(({ files }) => files),
    [['test/e2e/boot.test.ts'], ['test/unit/a.test.ts']],
  );
});
