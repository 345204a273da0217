import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUrlBase } from '../../../src/formats/url-base.ts';

const good: [string, string][] = [
  ['https://example.org', 'https://example.org/'],
  ['https://example.org/i', 'https://example.org/i/'],
  ['http://[::1]:8080/a b/', 'http://[::1]:8080/a%20b/'],
  ['HTTPS://Example.org/i/', 'https://example.org/i/'],
];
for (const [text, urlBase] of good) {
  test(`${text} is the folder ${urlBase}`, () => assert.deepEqual(parseUrlBase(text), { urlBase }));
}

const bad: [string, RegExp][] = [
  ['', /must be an address/],
  ['example.org/i', /must be an address/],
  ['https:///i', /must be an address/],
  ['https:example.org', /must be an address/],
  ['file:///srv/', /must be an address/],
  ['javascript:alert(1)//', /must be an address/],
  ['https://me:hunter2@example.org/', /has a user or a password,/],
  ['https://hunter2@example.org/', /has a user or a password,/],
  ['https://example.org/?a=hunter2', /must end in a folder/],
  ['https://example.org/i#hunter2', /must end in a folder/],
];
for (const [text, expected] of bad) {
  test(`${text === '' ? 'nothing' : text} is none, and is not repeated`, () => {
    const parsed = parseUrlBase(text);
    assert.ok('fault' in parsed);
    assert.match(parsed.fault, expected);
    assert.doesNotMatch(parsed.fault, /hunter2/);
  });
}
