import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../src/core/errors.ts';
import { parseFleetDocument } from '../../../src/fleet/fleet-document.ts';
import { nameLists } from '../../../src/fleet/make-fleet-plan.ts';

const source = (text = '') => ({
  path: 'lte.yaml',
  document: parseFleetDocument(`${text}\nimages: [{apn: internet}]`, 'f.yaml'),
});

test("the list is called as the fleet file is, and its address is the command line's, else the file's, else none", () => {
  const inFile = source('url-base: https://example.org/file');
  assert.deepEqual(nameLists({}, source()), { title: 'lte', urlBase: undefined });
  assert.equal(nameLists({}, inFile).urlBase, 'https://example.org/file/');
  assert.equal(
    nameLists({ urlBase: 'https://example.org/line' }, inFile).urlBase,
    'https://example.org/line/',
  );
});

test('an address with a password, which the list would tell everybody, is refused and not repeated', () => {
  for (const urlBase of ['https://me:hunter2@example.org/', 'hunter2']) {
    assert.throws(
      () => nameLists({ urlBase }, source()),
      (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, /^--url-base (has a user or a password|must be an address)/);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  }
});
