import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeIssue, formatIssue, type Issue, OptionsError } from '../../../src/formats/issues.ts';

const issue: Issue = {
  option: 'apn-auth',
  value: 'chap',
  message: 'is given without {--apn-user}',
  hint: 'leave {--apn-auth} out',
};

test('an issue has dashes on the command line, and its place in a file', () => {
  assert.equal(formatIssue(issue), '--apn-auth "chap" is given without --apn-user; leave --apn-auth out');
  const placed = { ...issue, place: { file: 'f.yaml', line: 3, column: 5 } };
  assert.equal(
    formatIssue(placed),
    'f.yaml:3:5: apn-auth "chap" is given without apn-user; leave apn-auth out',
  );
  assert.equal(describeIssue(placed).message, 'is given without apn-user');
  assert.equal(formatIssue({ message: 'unexpected argument "x"' }), 'unexpected argument "x"');
});

test('nothing of the user drives a terminal', () => {
  const text = formatIssue({ option: 'a\u001b[2J', value: 'b\u001b]0;x\u0007\n', message: 'is wrong' });
  assert.doesNotMatch(text, /[\x00-\x1f\x7f-\x9f]/);
});

test('one issue is the message, several are a list under what is wrong', () => {
  assert.equal(new OptionsError([{ option: 'dns', message: 'is empty' }]).message, '--dns is empty');
  const two = [{ option: 'dns', message: 'is empty' }, issue];
  assert.match(
    new OptionsError(two).message,
    /^2 errors in the command line:\n {2}- --dns is empty\n {2}- --apn-auth/,
  );
  const place = { file: 'f.yaml', line: 1, column: 2 };
  const error = new OptionsError([{ option: 'dns', message: 'is empty', place }], {
    summary: 'f.yaml cannot be used',
  });
  assert.equal(error.message, 'f.yaml cannot be used:\nf.yaml:1:2: dns is empty');
  assert.equal(error.exitCode, 2);
});
