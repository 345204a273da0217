import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as errors from '../../../src/core/errors.ts';
import { EXIT_CODES, nameExitCode } from '../../../src/core/exit-codes.ts';

test('every way to fail has an error class, and no word or code stands twice', () => {
  const classes = Object.values(errors).filter(
    (value): value is typeof errors.BugError =>
      typeof value === 'function' && value.prototype instanceof errors.AppError,
  );
  const codes = classes
    // These take on the code of the failure they stand for.
    .filter((each) => !['FleetError', 'ContainerError'].includes(each.name))
    .map((Each) => new Each(Each.name === 'OptionsError' ? (['x'] as never) : 'x').exitCode);
  const ends = EXIT_CODES.filter(({ code }) => code !== 'done' && code !== 'different');
  assert.deepEqual(
    [...new Set(codes)].sort((a, b) => a - b),
    ends.map(({ exitCode }) => exitCode),
  );
  assert.equal(new Set(EXIT_CODES.map(({ code }) => code)).size, EXIT_CODES.length);
  assert.equal(new Set(EXIT_CODES.map(({ exitCode }) => exitCode)).size, EXIT_CODES.length);
});

test('a code that is in no table is called a bug', () => {
  assert.equal(nameExitCode(8), 'network');
  assert.equal(nameExitCode(99), 'bug');
});
