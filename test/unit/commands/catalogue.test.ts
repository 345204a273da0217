import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalogueOptions } from '../../../src/commands/catalogue.ts';
import { InputError } from '../../../src/core/errors.ts';

const parse = (more: Record<string, unknown>) =>
  parseCatalogueOptions({ folder: '/out', title: 'T', ...more });

test('the page lies in the folder unless it is to lie elsewhere; an address ends in a slash', () => {
  assert.deepEqual(parse({}), { folder: '/out', output: '/out/index.html', title: 'T', urlBase: undefined });
  assert.equal(parse({ output: '/www/a.html' }).output, '/www/a.html');
  assert.equal(parse({ urlBase: 'https://example.org/i' }).urlBase, 'https://example.org/i/');
  assert.equal(parse({ urlBase: 'http://[::1]:8080/a b/' }).urlBase, 'http://[::1]:8080/a%20b/');
});

const wrong: [string, Record<string, unknown>, RegExp][] = [
  ['no title', { title: ' ' }, /--title is empty/],
  ['no output', { output: '' }, /--output is empty; name a file/],
  ['no address', { urlBase: 'example.org/i' }, /--url-base must be an address/],
  ['a script', { urlBase: 'javascript:alert(1)//' }, /--url-base must be an address/],
  ['a file', { urlBase: 'file:///srv/' }, /--url-base must be an address/],
  ['a query', { urlBase: 'https://example.org/?a=' }, /--url-base must end in a folder/],
];
for (const [what, options, message] of wrong) {
  test(`${what} is refused`, () => assert.throws(() => parse(options), { name: 'OptionsError', message }));
}

test('all faults come at once, and a password in an address is not printed', () => {
  assert.throws(
    () => parse({ title: '', urlBase: 'https://me:hunter2@example.org/' }),
    (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /--title.*\n.*--url-base has a user or a password/);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    },
  );
});
