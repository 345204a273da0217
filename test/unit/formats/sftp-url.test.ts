import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSftpTarget, parseSftpAddress } from '../../../src/formats/sftp-url.ts';

const GOOD: readonly (readonly [url: string, target: object, shown?: string])[] = [
  ['sftp://web@example.org/srv/www', { user: 'web', host: 'example.org', port: undefined, path: '/srv/www' }],
  ['sftp://web@example.org:2222/', { user: 'web', host: 'example.org', port: 2222, path: '/' }],
  ['sftp://web@[2001:db8::1]:2/x', { host: '2001:db8::1', port: 2, path: '/x' }],
  ['sftp://h/x', { user: undefined, host: 'h' }],
  [
    'web@example.org:/srv',
    { user: 'web', host: 'example.org', path: '/srv', isInHome: false },
    'sftp://web@example.org/srv',
  ],
  [
    'pi:images/new',
    { user: undefined, host: 'pi', path: '/images/new', isInHome: true },
    'sftp://pi/~/images/new',
  ],
  ['pi:~/a b', { path: '/a b', isInHome: true }, 'sftp://pi/~/a%20b'],
  ['pi:', { path: '/', isInHome: true }, 'sftp://pi/~/'],
  ['a@[::1]:x', { host: '::1', path: '/x', isInHome: true }, 'sftp://a@[::1]/~/x'],
  ['sftp://web@h/~/images/', { path: '/images', isInHome: true }, 'sftp://web@h/~/images'],
  ['sftp://web@h/~', { path: '/', isInHome: true }, 'sftp://web@h/~/'],
  ['sftp://web@h/~x', { path: '/~x', isInHome: false }],
  ['sftp://web@h//a/./b//', { path: '/a/b' }, 'sftp://web@h/a/b'],
  ['sftp://a%40b@h/a%20b%3F', { user: 'a@b', path: '/a b?' }, 'sftp://a%40b@h/a%20b%3F'],
];

test('addresses are taken apart, and shown as they can be typed again', () => {
  for (const [url, expected, shown] of GOOD) {
    const parsed = parseSftpAddress(url);
    assert.ok('address' in parsed, `${url}: ${JSON.stringify(parsed)}`);
    assert.deepEqual({ ...parsed.address, ...expected }, parsed.address);
    assert.equal(formatSftpTarget(parsed.address), shown ?? url);
    assert.deepEqual(parseSftpAddress(formatSftpTarget(parsed.address)), parsed);
  }
});

const BAD: readonly (readonly [url: string, ...faults: RegExp[]])[] = [
  ['http://web@h/x', /is a http URL; write sftp:/],
  ['out/images', /names no server; write user@host:path/],
  ['out/a:b', /names no server/],
  ['web:geheim@h:/x', /password/],
  ['@h:/x', /no user before/],
  ['h:~other/x', /another user/],
  ['h:a/../b', /\.\./],
  ['-oProxy:x', /no host/],
  ['h:a\u0007', /control character/],
  ['sftp://web:geheim@h/x', /password.*WWANPI_SSH_PASSWORD/],
  ['sftp://web:@h/x', /password/],
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
    const parsed = parseSftpAddress(url);
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
    const parsed = parseSftpAddress(url);
    assert.ok('address' in parsed);
    assert.equal(parsed.address.isInHome, isInHome);
    assert.equal(formatSftpTarget(parsed.address), url);
  }
});

test('no text makes it throw; what it takes it shows so that it takes it again', () => {
  const unit = fc.constantFrom(...'sftp:/@[]%~.?#25 aä\n\0');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 30 }), (rest) => {
      const parsed = parseSftpAddress(`sftp://u@h/${rest}`);
      if ('address' in parsed) {
        assert.ok(parsed.address.path.startsWith('/'));
        assert.deepEqual(parseSftpAddress(formatSftpTarget(parsed.address)), parsed);
      }
      parseSftpAddress(`sftp://${rest}`);
    }),
  );
});
