import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSftpTarget, parseSftpUrl } from '../../../src/formats/sftp-url.ts';

const GOOD: readonly (readonly [url: string, target: object, shown?: string])[] = [
  ['sftp://web@example.org/srv/www', { user: 'web', host: 'example.org', port: 22, path: '/srv/www' }],
  ['sftp://web@example.org:2222/', { user: 'web', host: 'example.org', port: 2222, path: '/' }],
  ['sftp://web@[2001:db8::1]:22/x', { host: '2001:db8::1', path: '/x' }, 'sftp://web@[2001:db8::1]/x'],
  ['sftp://web@h/~/images/', { path: '/images', isInHome: true }, 'sftp://web@h/~/images'],
  ['sftp://web@h/~', { path: '/', isInHome: true }, 'sftp://web@h/~/'],
  ['sftp://web@h/~x', { path: '/~x', isInHome: false }],
  ['sftp://web@h//a/./b//', { path: '/a/b' }, 'sftp://web@h/a/b'],
  ['sftp://a%40b@h/a%20b%3F', { user: 'a@b', path: '/a b?' }, 'sftp://a%40b@h/a%20b%3F'],
];

test('addresses are taken apart, and shown as they can be typed again', () => {
  for (const [url, expected, shown] of GOOD) {
    const parsed = parseSftpUrl(url);
    assert.ok('target' in parsed, `${url}: ${JSON.stringify(parsed)}`);
    assert.deepEqual({ ...parsed.target, ...expected }, parsed.target);
    assert.equal(formatSftpTarget(parsed.target), shown ?? url);
    assert.deepEqual(parseSftpUrl(formatSftpTarget(parsed.target)), parsed);
  }
});

const BAD: readonly (readonly [url: string, ...faults: RegExp[]])[] = [
  ['http://web@h/x', /not an sftp:/],
  ['web@h:/x', /not an sftp:/],
  ['sftp://web:geheim@h/x', /password.*WWANPI_SSH_PASSWORD/],
  ['sftp://web:@h/x', /password/],
  ['sftp://h/x', /no user/],
  ['sftp://@h/x', /no user/],
  ['sftp://web@/x', /no host/],
  ['sftp://web@-oProxy/x', /no host/],
  ['sftp://web@h', /no folder/],
  ['sftp://web@h:0/x', /port/],
  ['sftp://web@h:65536/x', /port/],
  ['sftp://web@h:/x', /port/],
  ['sftp://web@h:x/x', /not a URL like/],
  ['sftp://web@h/x?y', /\? or #/],
  ['sftp://web@h/x/../y', /\.\./],
  ['sftp://web@h/%0ax', /control character/],
  ['sftp://web%00@h/x', /control character/],
  ['sftp://web@h/%zz', /%-escape/],
  ['sftp://a:b@/..:', /password/, /no host/, /\.\./],
];

test('all faults of an address are reported, and none repeats a password', () => {
  for (const [url, ...faults] of BAD) {
    const parsed = parseSftpUrl(url);
    assert.ok('faults' in parsed, url);
    const text = parsed.faults.join('\n');
    for (const fault of faults.slice(0, url.includes('..:') ? 2 : 1)) assert.match(text, fault, url);
    assert.doesNotMatch(text, /geheim/);
  }
});

test("a folder of the server's root that is called ~ is shown so that it is not the home", () => {
  for (const [url, isInHome] of [
    ['sftp://u@h//~', false],
    ['sftp://u@h//~/x', false],
    ['sftp://u@h/~x', false],
    ['sftp://u@h/~/x', true],
  ] as const) {
    const parsed = parseSftpUrl(url);
    assert.ok('target' in parsed);
    assert.equal(parsed.target.isInHome, isInHome);
    assert.equal(formatSftpTarget(parsed.target), url);
  }
});

test('no text makes it throw; what it takes it shows so that it takes it again', () => {
  const unit = fc.constantFrom(...'sftp:/@[]%~.?#25 aä\n\0');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30 }), (rest) => {
      const parsed = parseSftpUrl(`sftp://u@h/${rest}`);
      if ('target' in parsed) {
        assert.ok(parsed.target.path.startsWith('/'));
        assert.deepEqual(parseSftpUrl(formatSftpTarget(parsed.target)), parsed);
      }
      parseSftpUrl(`sftp://${rest}`);
    }),
  );
});
