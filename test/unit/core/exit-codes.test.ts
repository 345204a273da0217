import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as errors from '../../../src/core/errors.ts';
import { EXIT_CODES, nameExitCode } from '../../../src/core/exit-codes.ts';

test('the table of exit codes is what the classes of errors.ts say', () => {
  const classes = Object.values(errors).filter(
    (value): value is typeof errors.BugError =>
      typeof value === 'function' && value.prototype instanceof errors.AppError,
  );
  const ofClasses = classes
    // These take on the code of the failure they stand for.
    .filter((each) => !['FleetError', 'ContainerError'].includes(each.name))
    .map((Each) => new Each(Each.name === 'OptionsError' ? (['x'] as never) : 'x').exitCode);
  assert.ok(ofClasses.length >= 9);
  assert.deepEqual(
    // Two are no errors: done, and what `wwanpi diff` answers.
    [...new Set([0, 1, ...ofClasses])].sort((a, b) => a - b),
    EXIT_CODES.map(({ exitCode }) => exitCode),
  );
  assert.equal(new Set(EXIT_CODES.map(({ code }) => code)).size, EXIT_CODES.length);
});

test('a code that is in no table is called a bug', () => {
  assert.equal(nameExitCode(8), 'network');
  assert.equal(nameExitCode(99), 'bug');
});
